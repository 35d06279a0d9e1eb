package io.sluice.gateway;

import io.sluice.Sha256;
import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.call.Body;
import io.sluice.call.Operation;
import io.sluice.gateway.FirstAnswers.Known;
import io.sluice.gateway.Mounts.Mounted;
import io.sluice.store.StoreUnavailableException;
import io.sluice.team.Team;
import io.sluice.vendor.Refusal;
import io.sluice.vendor.Refusal.Code;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what may not be made twice is not, although its caller repeats it.
 *
 * <p>A caller who names an {@code Idempotency-Key} gets the first answer again, for a day and over restarts. An SDK that
 * repeats a call by itself says so in {@code X-Retry-Count}: with the same team, method, target and body as a call of the
 * last minute, it gets that one's answer, also while it is still under way. Calls that are irrevocable are written down, so
 * that this holds over restarts and in all processes that share the store. Only what surely was not carried out is made
 * again.
 */
@Singleton
class OnceOnly {
    private static final Logger LOG = Logger.getLogger(OnceOnly.class);
    private static final String KEY = "Idempotency-Key";
    private static final String RETRY = "X-Retry-Count";
    private static final int LONGEST_KEY = 255;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration STORE_AWAY = Duration.ofSeconds(5);

    private final FirstAnswers answers;
    private final GatewayConfig.Repeats config;
    private final GatewayConfig.Bodies bodies;
    private final Duration patience;
    private final InstantSource clock;
    private final Timer timer;
    private final String owner;

    private final RecentCalls recent;

    OnceOnly(FirstAnswers answers, GatewayConfig config, InstantSource clock, Timer timer, Ulids ids) {
        this.answers = answers;
        this.config = config.repeats();
        this.bodies = config.bodies();
        this.timer = timer;
        this.patience = config.waiting().max();
        this.clock = clock;
        this.owner = ids.next();
        this.recent = new RecentCalls(config.repeats(), clock);
    }

    /** Makes a call. */
    @FunctionalInterface
    interface Make {
        Response call() throws InterruptedException;
    }

    /** A call as its caller sent it. */
    record Asked(Mounted mounted, Operation operation, Team team, HttpServerRequest request, Body body, String id) {
        private @Nullable String header(String name) {
            return request.getHeader(name);
        }
    }

    /** Whether a call's answer is recorded: then it is to be read to its end even if the caller has left. */
    boolean guards(Asked asked) {
        return minds(asked) && !(asked.body() instanceof Body.Passing);
    }

    private static boolean minds(Asked asked) {
        boolean writes = asked.operation().effect() == Operation.Effect.WRITE;
        boolean once = asked.operation().repeat() == Operation.Repeat.UNEXECUTED;
        return writes && (once || asked.header(KEY) != null);
    }

    /** Makes the call, or gives the answer that the same one got. Waits for one that is under way. */
    Response once(Asked asked, Make make) throws InterruptedException {
        if (!minds(asked)) {
            return make.call();
        }
        String key = asked.header(KEY);
        boolean repeats = asked.header(RETRY) != null && !"0".equals(asked.header(RETRY));
        if (asked.body() instanceof Body.Passing passing) {
            Optional<Response> refusal = tooLarge(asked, passing, repeats);
            if (refusal.isEmpty()) {
                return make.call();
            }
            RequestBodies.discard(passing);
            return refusal.get();
        }
        String fingerprint = fingerprint(asked);
        if (key == null) {
            return asked.operation().irrevocable()
                    ? noted(asked, fingerprint, repeats, make)
                    : amongRecent(asked, fingerprint, repeats, make);
        }
        if (key.isEmpty() || key.length() > LONGEST_KEY) {
            return refused(asked, 400, Code.BAD_REQUEST, KEY + " must have 1 to " + LONGEST_KEY + " characters");
        }
        return keyed(asked, key, fingerprint, make);
    }

    /** What cannot be compared cannot be known again: no promise is made that would not be kept. */
    private Optional<Response> tooLarge(Asked asked, Body.Passing body, boolean repeats) {
        boolean irrevocable = asked.operation().irrevocable();
        boolean keyed = asked.header(KEY) != null;
        long most = Math.max(
                bodies.kept().asLongValue(), irrevocable ? config.largestCall().asLongValue() : 0);
        if ((irrevocable || keyed) && body.length() >= 0 && body.length() <= most) {
            return Optional.of(busy(asked, "there is no room to keep the body at the moment", SOON));
        }
        if (keyed) {
            return Optional.of(refused(
                    asked, 413, Code.TOO_LARGE, "with an " + KEY + " a body may have at most " + most + " bytes"));
        }
        return irrevocable && repeats
                ? Optional.of(unknown(
                        asked,
                        "whether this repeats a call that was carried out cannot be told, since its"
                                + " body has more than " + most + " bytes"))
                : Optional.empty();
    }

    /** An irrevocable call, which SDKs repeat without a key: its own body is the key, for a while. */
    private Response noted(Asked asked, String fingerprint, boolean repeats, Make make) throws InterruptedException {
        String team = asked.team().name();
        // No Idempotency-Key can have this name.
        String name = "\n" + fingerprint;
        if (repeats) {
            Optional<Response> known = recent(asked, fingerprint);
            if (known.isEmpty()) {
                known = elsewhere(asked, team, name, fingerprint);
            }
            if (known.isPresent()) {
                return known.get();
            }
        }
        String token = owner + "/" + asked.id();
        long now = clock.millis();
        try {
            long keepUntil = now + patience.toMillis() + config.window().toMillis();
            answers.beginAnew(team, name, fingerprint, token, now, keepUntil);
        } catch (StoreUnavailableException e) {
            // Calls go on while the database is away; repetitions are then known in this process only.
            LOG.warnf("%s: cannot be written down before it is made: %s", asked.id(), e.getMessage());
            return made(fingerprint, make).response();
        }
        Recorded.Passing passing = made(fingerprint, make);
        return written(
                team,
                name,
                token,
                passing,
                OptionalLong.of(clock.millis() + config.window().toMillis()));
    }

    /** The answer to a call that another process has made, or this one before it was started. */
    private Optional<Response> elsewhere(Asked asked, String team, String name, String fingerprint)
            throws InterruptedException {
        long end = clock.millis() + config.window().toMillis();
        try {
            while (true) {
                switch (answers.find(team, name, fingerprint, clock.millis())) {
                    case Known.Nothing(), Known.Different() -> {
                        return Optional.empty();
                    }
                    case Known.Answered(Recorded answer) -> {
                        return Optional.of(answer.again());
                    }
                    case Known.Begun _ -> {
                        if (!answers.shared() || clock.millis() >= end) {
                            return Optional.of(unknown(
                                    asked, "the call that this one repeats may have been carried out unanswered"));
                        }
                    }
                }
                timer.pause(config.lookEvery());
            }
        } catch (StoreUnavailableException e) {
            LOG.warnf("%s: cannot look up what it repeats: %s", asked.id(), e.getMessage());
            return Optional.of(busy(asked, "what this call repeats cannot be looked up at the moment", STORE_AWAY));
        }
    }

    private Response keyed(Asked asked, String key, String fingerprint, Make make) throws InterruptedException {
        long now = clock.millis();
        String team = asked.team().name();
        try {
            return switch (answers.begin(
                    team, key, fingerprint, owner, now, now + config.keyFor().toMillis())) {
                case Known.Nothing() -> written(team, key, owner, made(keyName(team, key), make), OptionalLong.empty());
                case Known.Different() ->
                    refused(asked, 422, Code.BAD_REQUEST, "the " + KEY + " was used for another request");
                case Known.Answered(Recorded answer) -> answer.again();
                case Known.Begun(String by)
                when by.equals(owner) -> amongRecent(asked, keyName(team, key), true, () -> lost(asked));
                case Known.Begun _ -> lost(asked);
            };
        } catch (StoreUnavailableException e) {
            LOG.warnf("%s: cannot look an %s up: %s", asked.id(), KEY, e.getMessage());
            return busy(asked, "the first answer cannot be looked up at the moment", STORE_AWAY);
        }
    }

    private Response lost(Asked asked) {
        return unknown(asked, "the first call with this " + KEY + " may have been carried out unanswered");
    }

    private static String keyName(String team, String key) {
        return "key\n" + team + "\n" + key;
    }

    private Response written(String team, String name, String by, Recorded.Passing passing, OptionalLong keepUntil) {
        Optional<Recorded> done = passing.recorded().filter(recorded -> !recorded.undone());
        try {
            if (done.isPresent()) {
                answers.answered(team, name, by, done.get(), keepUntil);
            } else {
                answers.undone(team, name, by);
            }
        } catch (StoreUnavailableException e) {
            // The caller has its answer; whoever asks again hears that the outcome is unknown.
            LOG.warnf("the first answer to a call of team %s is not kept: %s", team, e.getMessage());
        }
        return passing.response();
    }

    private Response unknown(Asked asked, String why) {
        Response response = refused(asked, 409, Code.BAD_REQUEST, why);
        response.getHeaders().putSingle("Sluice-Outcome", "unknown");
        return response;
    }

    private Response amongRecent(Asked asked, String name, boolean repeats, Make make) throws InterruptedException {
        Optional<Response> known = repeats ? recent(asked, name) : Optional.empty();
        return known.isPresent() ? known.get() : made(name, make).response();
    }

    /** The answer to a call of this process; waits for one that is under way. */
    private Optional<Response> recent(Asked asked, String name) throws InterruptedException {
        while (true) {
            Optional<RecentCalls.Entry> known = recent.find(name);
            if (known.isEmpty()) {
                return Optional.empty();
            }
            try {
                Optional<Recorded> answer = known.get().answer().get(patience.toMillis(), TimeUnit.MILLISECONDS);
                if (answer.isPresent()) {
                    return Optional.of(answer.get().again());
                }
            } catch (TimeoutException e) {
                return Optional.of(busy(asked, "the call that this one repeats is still under way", SOON));
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Recorded.Passing made(String name, Make make) throws InterruptedException {
        RecentCalls.Entry entry = recent.begin(name);
        Optional<Recorded> recorded = Optional.empty();
        try {
            Recorded.Passing passing = Recorded.of(make.call(), largest());
            recorded = passing.recorded();
            return passing;
        } finally {
            recent.end(name, entry, recorded);
        }
    }

    private int largest() {
        return Math.toIntExact(config.largestAnswer().asLongValue());
    }

    private Response refused(Asked asked, int status, Code code, String why) {
        return Refusals.of(asked.mounted(), status, code, "Sluice: " + why, asked.id());
    }

    private Response busy(Asked asked, String why, Duration retryAfter) {
        return Refusals.render(
                asked.mounted(),
                new Refusal(429, Code.TOO_MANY_REQUESTS, "Sluice: " + why, asked.id(), Optional.of(retryAfter)));
    }

    private static String fingerprint(Asked asked) {
        MessageDigest digest = Sha256.digest();
        String head = String.join(
                "\n",
                asked.team().name(),
                asked.mounted().surface().mount(),
                asked.mounted().account(),
                asked.request().method().name(),
                asked.mounted().target().toString(),
                "");
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        if (asked.body() instanceof Body.Kept(byte[] bytes)) {
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
