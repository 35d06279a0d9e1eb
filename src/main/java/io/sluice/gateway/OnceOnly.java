package io.sluice.gateway;

import io.sluice.Sha256;
import io.sluice.Ulids;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.call.Body;
import io.sluice.call.Operation;
import io.sluice.gateway.FirstAnswers.Known;
import io.sluice.gateway.Mounts.Mounted;
import io.sluice.gateway.Notes.Note;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what may not be made twice is not, although its caller repeats it.
 *
 * <p>A caller who names an {@code Idempotency-Key} gets the first answer again, for a day and over restarts. An SDK
 * that repeats a call by itself says so in {@code X-Retry-Count}: with the same team, method, target and body as a call
 * that was answered within the last minute, it gets that answer, and waits for it while the call is still under way.
 * Calls that are irrevocable are written down, so that this holds over restarts and in all processes that share the
 * store. Only what surely was not carried out is made again.
 */
@Singleton
class OnceOnly {
    private static final Logger LOG = Logger.getLogger(OnceOnly.class);
    private static final String KEY = "Idempotency-Key";
    private static final String RETRY = "X-Retry-Count";
    private static final int LONGEST_KEY = 255;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration STORE_AWAY = Duration.ofSeconds(5);

    private final GatewayConfig.Repeats config;
    private final GatewayConfig.Bodies bodies;
    private final Duration patience;
    private final Ticker ticker;
    private final RecentCalls recent;
    private final Notes notes;

    OnceOnly(FirstAnswers answers, GatewayConfig config, InstantSource clock, Ticker ticker, Timer timer, Ulids ids) {
        this.config = config.repeats();
        this.bodies = config.bodies();
        this.patience = config.waiting().max();
        this.ticker = ticker;
        this.recent = new RecentCalls(config.repeats(), clock);
        this.notes = new Notes(answers, config, clock, timer, ids);
    }

    /** Makes a call. */
    @FunctionalInterface
    interface Make {
        Response call() throws InterruptedException;
    }

    /**
     * A call as its caller sent it.
     *
     * @param left completes when the caller leaves
     */
    record Asked(
            Mounted mounted,
            Operation operation,
            Team team,
            HttpServerRequest request,
            CompletableFuture<Void> left,
            Body body,
            String id) {
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

    /**
     * Makes the call, or gives the answer that the same one got. Waits for one that is under way as long as callers may
     * wait for a permit; what it then makes has the rest of its own deadline. A caller who leaves while it waits is
     * answered {@link MountResource#LEFT}, and the call is not made.
     */
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
            Optional<Note> note = asked.operation().irrevocable()
                    ? Optional.of(notes.nameless(asked, fingerprint))
                    : Optional.empty();
            return repeats ? repeated(asked, fingerprint, note, make) : anew(asked, fingerprint, note, make);
        }
        if (key.isEmpty() || key.length() > LONGEST_KEY) {
            return refused(asked, 400, Code.BAD_REQUEST, KEY + " must have 1 to " + LONGEST_KEY + " characters");
        }
        Note note = notes.keyed(asked, key, fingerprint);
        return repeated(asked, "key\n" + key + "\n" + fingerprint, Optional.of(note), make);
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

    /** A call that is meant, whatever was called before. */
    private Response anew(Asked asked, String name, Optional<Note> note, Make make) throws InterruptedException {
        return ended(name, recent.begin(name), note, make, () -> {
            try {
                note.ifPresent(Note::beginAnew);
            } catch (StoreUnavailableException e) {
                // Calls go on while the database is away; repetitions are then known in this process only.
                LOG.debugf("%s: cannot be written down before it is made: %s", asked.id(), e.getMessage());
            }
            return Optional.empty();
        });
    }

    /** A call that may be known. Of several that wait for one that turns out not to be carried out, one takes over. */
    private Response repeated(Asked asked, String name, Optional<Note> note, Make make) throws InterruptedException {
        long end = ticker.read() + patience.toNanos();
        while (true) {
            RecentCalls.Turn turn = recent.beginUnlessKnown(name);
            if (turn.begun()) {
                return ended(
                        name,
                        turn.call(),
                        note,
                        make,
                        () -> note.isPresent() ? elsewhere(asked, note.get(), end) : Optional.empty());
            }
            Optional<Response> answer = answer(asked, turn.call(), end);
            if (answer.isPresent()) {
                return answer.get();
            }
        }
    }

    /** What to answer before a call is made, if it is not to be made. */
    @FunctionalInterface
    private interface Before {
        Optional<Response> answer() throws InterruptedException;
    }

    /** Makes a call that is begun, and ends it whatever happens. */
    private Response ended(String name, RecentCalls.Entry call, Optional<Note> note, Make make, Before before)
            throws InterruptedException {
        Optional<Recorded> answer = Optional.empty();
        try {
            Optional<Response> known = before.answer();
            if (known.isPresent()) {
                return known.get();
            }
            answer = Optional.of(Recorded.brokenOff());
            Recorded.Passing passing = Recorded.of(make.call(), largest());
            answer = passing.recorded().filter(recorded -> !recorded.undone());
            if (note.isPresent()) {
                note.get().end(answer);
            }
            return passing.response();
        } finally {
            // Not before it is written down: who waits for this call looks there next.
            recent.end(name, call, answer);
        }
    }

    /** The answer to a call of this process, which is waited for; none if it turns out not to be carried out. */
    private Optional<Response> answer(Asked asked, RecentCalls.Entry call, long end) throws InterruptedException {
        try {
            CompletableFuture.anyOf(call.answer(), asked.left()).get(end - ticker.read(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Optional.of(busy(asked, "the call that this one repeats is still under way", SOON));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        Optional<Response> answer = call.answer().getNow(Optional.empty()).map(Recorded::again);
        return answer.isEmpty() && asked.left().isDone() ? Optional.of(nobody()) : answer;
    }

    /** The answer to a call that another process has made, or this one before it was started; none if this is begun. */
    private Optional<Response> elsewhere(Asked asked, Note note, long end) throws InterruptedException {
        try {
            return switch (note.begin(() -> !asked.left().isDone() && ticker.read() - end < 0)) {
                case Known.Nothing() -> Optional.empty();
                case Known.Different() ->
                    Optional.of(refused(asked, 422, Code.BAD_REQUEST, "the " + KEY + " was used for another request"));
                case Known.Answered(Recorded answer) -> Optional.of(answer.again());
                case Known.Begun _ ->
                    Optional.of(
                            asked.left().isDone()
                                    ? nobody()
                                    : unknown(asked, "the first of these calls may have been carried out unanswered"));
            };
        } catch (StoreUnavailableException e) {
            LOG.debugf("%s: cannot look up what it repeats: %s", asked.id(), e.getMessage());
            return Optional.of(busy(asked, "what this call repeats cannot be looked up at the moment", STORE_AWAY));
        }
    }

    /** For a caller who has left. */
    private static Response nobody() {
        return Response.status(MountResource.LEFT).build();
    }

    private Response unknown(Asked asked, String why) {
        Response response = refused(asked, 409, Code.BAD_REQUEST, why);
        response.getHeaders().putSingle("Sluice-Outcome", "unknown");
        return response;
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
