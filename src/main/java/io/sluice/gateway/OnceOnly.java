package io.sluice.gateway;

import io.sluice.Ulids;
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
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
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
 * last minute, it gets that one's answer, also while it is still under way. Only what surely was not carried out is made
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
    private final Duration patience;
    private final InstantSource clock;
    private final String owner;

    private final RecentCalls recent;

    OnceOnly(FirstAnswers answers, GatewayConfig config, InstantSource clock, Ulids ids) {
        this.answers = answers;
        this.config = config.repeats();
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
        boolean writes = asked.operation().effect() == Operation.Effect.WRITE;
        boolean once = asked.operation().repeat() == Operation.Repeat.UNEXECUTED;
        return writes && !(asked.body() instanceof Body.Passing) && (once || asked.header(KEY) != null);
    }

    /** Makes the call, or gives the answer that the same one got. Waits for one that is under way. */
    Response once(Asked asked, Make make) throws InterruptedException {
        if (!guards(asked)) {
            return make.call();
        }
        String fingerprint = fingerprint(asked);
        String key = asked.header(KEY);
        if (key == null) {
            boolean repeats = asked.header(RETRY) != null && !"0".equals(asked.header(RETRY));
            return amongRecent(asked, fingerprint, repeats, make);
        }
        if (key.isEmpty() || key.length() > LONGEST_KEY) {
            return refused(asked, 400, Code.BAD_REQUEST, KEY + " must have 1 to " + LONGEST_KEY + " characters");
        }
        return keyed(asked, key, fingerprint, make);
    }

    private Response keyed(Asked asked, String key, String fingerprint, Make make) throws InterruptedException {
        long now = clock.millis();
        String team = asked.team().name();
        try {
            return switch (answers.begin(
                    team, key, fingerprint, owner, now, now + config.keyFor().toMillis())) {
                case Known.Nothing() -> written(team, key, make);
                case Known.Different() ->
                    refused(asked, 422, Code.BAD_REQUEST, "the " + KEY + " was used for another request");
                case Known.Answered(Recorded answer) -> answer.again();
                case Known.Begun(String by)
                when by.equals(owner) -> amongRecent(asked, keyName(team, key), true, () -> unknown(asked));
                case Known.Begun _ -> unknown(asked);
            };
        } catch (StoreUnavailableException e) {
            LOG.warnf("%s: cannot look an %s up: %s", asked.id(), KEY, e.getMessage());
            return busy(asked, "the first answer cannot be looked up at the moment", STORE_AWAY);
        }
    }

    private static String keyName(String team, String key) {
        return "key\n" + team + "\n" + key;
    }

    private Response written(String team, String key, Make make) throws InterruptedException {
        Recorded.Passing passing = made(keyName(team, key), make);
        Optional<Recorded> done = passing.recorded().filter(recorded -> !recorded.undone());
        try {
            if (done.isPresent()) {
                answers.answered(team, key, done.get());
            } else {
                answers.undone(team, key);
            }
        } catch (StoreUnavailableException e) {
            // The caller has its answer; whoever asks again hears that the outcome is unknown.
            LOG.warnf("the first answer to an %s of team %s is not kept: %s", KEY, team, e.getMessage());
        }
        return passing.response();
    }

    private Response unknown(Asked asked) {
        Response response = refused(
                asked,
                409,
                Code.BAD_REQUEST,
                "the first call with this " + KEY + " may have been carried out unanswered");
        response.getHeaders().putSingle("Sluice-Outcome", "unknown");
        return response;
    }

    private Response amongRecent(Asked asked, String name, boolean repeats, Make make) throws InterruptedException {
        while (repeats) {
            Optional<RecentCalls.Entry> known = recent.find(name);
            if (known.isEmpty()) {
                break;
            }
            try {
                Optional<Recorded> answer = known.get().answer().get(patience.toMillis(), TimeUnit.MILLISECONDS);
                if (answer.isPresent()) {
                    return answer.get().again();
                }
            } catch (TimeoutException e) {
                return busy(asked, "the call that this one repeats is still under way", SOON);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return made(name, make).response();
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
        MessageDigest digest = sha256();
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

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
