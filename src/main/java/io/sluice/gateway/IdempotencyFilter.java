package io.sluice.gateway;

import io.sluice.Sha256;
import io.sluice.Ulids;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.call.Body;
import io.sluice.call.IdempotencyConfig;
import io.sluice.call.Operation;
import io.sluice.gateway.IdempotencyRecords.IdempotencyRecord;
import io.sluice.gateway.IdempotencyStore.Lookup;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.store.StoreUnavailableException;
import io.sluice.team.Team;
import io.sluice.vendor.GatewayError;
import io.sluice.vendor.GatewayError.Code;
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
 * Idempotency for mount calls: replays the first response when a caller repeats a request.
 *
 * <p>A caller who names an {@code Idempotency-Key} gets the first answer again, for a day and over restarts. An SDK
 * that repeats a call by itself says so in {@code X-Retry-Count}: with the same team, method, target and body as a call
 * that was answered within the last minute, it gets that answer, and waits for it while the call is still under way.
 * Calls that must not be repeated are written down, so that this holds over restarts and in all processes that share the
 * store. Only what surely was not carried out is made again.
 */
@Singleton
class IdempotencyFilter {
    private static final Logger LOG = Logger.getLogger(IdempotencyFilter.class);
    private static final String KEY = "Idempotency-Key";
    private static final String RETRY = "X-Retry-Count";
    private static final int LONGEST_KEY = 255;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration STORE_AWAY = Duration.ofSeconds(5);

    private final IdempotencyConfig config;
    private final GatewayConfig.Bodies bodies;
    private final Duration maxWait;
    private final Ticker ticker;
    private final InFlightRequests inFlight;
    private final IdempotencyRecords durableRecords;

    IdempotencyFilter(
            IdempotencyStore store, GatewayConfig config, InstantSource clock, Ticker ticker, Timer timer, Ulids ids) {
        this.config = config.idempotency();
        this.bodies = config.bodies();
        this.maxWait = config.permitWait().max();
        this.ticker = ticker;
        this.inFlight = new InFlightRequests(config.idempotency(), clock);
        this.durableRecords = new IdempotencyRecords(store, config, clock, timer, ids);
    }

    /** Makes a call. */
    @FunctionalInterface
    interface Execution {
        Response run() throws InterruptedException;
    }

    /**
     * A call as its caller sent it.
     *
     * @param disconnected completes when the caller leaves
     */
    record IncomingCall(
            MountMatch mounted,
            Operation operation,
            Team team,
            HttpServerRequest request,
            CompletableFuture<Void> disconnected,
            Body body,
            String id) {
        private @Nullable String header(String name) {
            return request.getHeader(name);
        }
    }

    /** Whether a call's answer is recorded: then it is to be read to its end even if the caller has left. */
    boolean records(IncomingCall incoming) {
        return applies(incoming) && !(incoming.body() instanceof Body.Streaming);
    }

    private static boolean applies(IncomingCall incoming) {
        boolean writes = incoming.operation().effect() == Operation.Effect.WRITE;
        boolean unsentOnly = incoming.operation().retrySafety() == Operation.RetrySafety.UNSENT_ONLY;
        return writes && (unsentOnly || incoming.header(KEY) != null);
    }

    /**
     * Makes the call, or gives the answer that the same one got. Waits for one that is under way as long as callers may
     * wait for a permit; what it then makes has the rest of its own deadline. A caller who leaves while it waits is
     * answered {@link MountResource#CLIENT_CLOSED_REQUEST}, and the call is not made.
     */
    Response filter(IncomingCall incoming, Execution execution) throws InterruptedException {
        if (!applies(incoming)) {
            return execution.run();
        }
        String key = incoming.header(KEY);
        boolean repeats = incoming.header(RETRY) != null && !"0".equals(incoming.header(RETRY));
        if (incoming.body() instanceof Body.Streaming streaming) {
            Optional<Response> rejection = tooLarge(incoming, streaming, repeats);
            if (rejection.isEmpty()) {
                return execution.run();
            }
            RequestBodies.discard(streaming);
            return rejection.get();
        }
        String fingerprint = fingerprint(incoming);
        if (key == null) {
            Optional<IdempotencyRecord> record = incoming.operation().nonRepeatable()
                    ? Optional.of(durableRecords.nameless(incoming, fingerprint))
                    : Optional.empty();
            return repeats
                    ? executeUnlessKnown(incoming, fingerprint, record, execution)
                    : executeFirst(incoming, fingerprint, record, execution);
        }
        if (key.isEmpty() || key.length() > LONGEST_KEY) {
            return refused(incoming, 400, Code.BAD_REQUEST, KEY + " must have 1 to " + LONGEST_KEY + " characters");
        }
        IdempotencyRecord record = durableRecords.keyed(incoming, key, fingerprint);
        return executeUnlessKnown(incoming, "key\n" + key + "\n" + fingerprint, Optional.of(record), execution);
    }

    /** What cannot be compared cannot be known again: no promise is made that would not be kept. */
    private Optional<Response> tooLarge(IncomingCall incoming, Body.Streaming body, boolean repeats) {
        boolean nonRepeatable = incoming.operation().nonRepeatable();
        boolean keyed = incoming.header(KEY) != null;
        long most = Math.max(
                bodies.bufferMax().asLongValue(),
                nonRepeatable ? config.maxRequest().asLongValue() : 0);
        if ((nonRepeatable || keyed) && body.length() >= 0 && body.length() <= most) {
            return Optional.of(busy(incoming, "there is no room to keep the body at the moment", SOON));
        }
        if (keyed) {
            return Optional.of(refused(
                    incoming, 413, Code.TOO_LARGE, "with an " + KEY + " a body may have at most " + most + " bytes"));
        }
        return nonRepeatable && repeats
                ? Optional.of(unknown(
                        incoming,
                        "whether this repeats a call that was carried out cannot be told, since its"
                                + " body has more than " + most + " bytes"))
                : Optional.empty();
    }

    /** Executes a call as a first one, whatever was called before. */
    private Response executeFirst(
            IncomingCall incoming, String name, Optional<IdempotencyRecord> record, Execution execution)
            throws InterruptedException {
        return executeAndRecord(name, inFlight.begin(name), record, execution, () -> {
            try {
                record.ifPresent(IdempotencyRecord::restart);
            } catch (StoreUnavailableException e) {
                // Calls go on while the database is away; repetitions are then known in this process only.
                LOG.debugf(
                        "could not store idempotency record before the call: request=%s: %s",
                        incoming.id(), e.getMessage());
            }
            return Optional.empty();
        });
    }

    /** A call that may be known. Of several that wait for one that turns out not to be carried out, one takes over. */
    private Response executeUnlessKnown(
            IncomingCall incoming, String name, Optional<IdempotencyRecord> record, Execution execution)
            throws InterruptedException {
        long end = ticker.read() + maxWait.toNanos();
        while (true) {
            InFlightRequests.Registration registration = inFlight.beginUnlessKnown(name);
            if (registration.begun()) {
                return executeAndRecord(
                        name,
                        registration.call(),
                        record,
                        execution,
                        () -> record.isPresent() ? lookUpInStore(incoming, record.get(), end) : Optional.empty());
            }
            Optional<Response> answer = answer(incoming, registration.call(), end);
            if (answer.isPresent()) {
                return answer.get();
            }
        }
    }

    /** What to answer before a call is made, if it is not to be made. */
    @FunctionalInterface
    private interface Precheck {
        Optional<Response> answer() throws InterruptedException;
    }

    /** Makes a call that is begun, and ends it whatever happens. */
    private Response executeAndRecord(
            String name,
            InFlightRequests.Entry call,
            Optional<IdempotencyRecord> record,
            Execution execution,
            Precheck precheck)
            throws InterruptedException {
        Optional<RecordedResponse> answer = Optional.empty();
        try {
            Optional<Response> known = precheck.answer();
            if (known.isPresent()) {
                return known.get();
            }
            answer = Optional.of(RecordedResponse.brokenOff());
            RecordedResponse.Recording recording = RecordedResponse.of(execution.run(), largest());
            answer = recording.recorded().filter(recorded -> !recorded.safeToRepeat());
            if (record.isPresent()) {
                record.get().end(answer);
            }
            return recording.response();
        } finally {
            // Not before it is written down: who waits for this call looks there next.
            inFlight.end(name, call, answer);
        }
    }

    /** The answer to a call of this process, which is waited for; none if it turns out not to be carried out. */
    private Optional<Response> answer(IncomingCall incoming, InFlightRequests.Entry call, long end)
            throws InterruptedException {
        try {
            CompletableFuture.anyOf(call.answer(), incoming.disconnected())
                    .get(end - ticker.read(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Optional.of(busy(incoming, "the call that this one repeats is still under way", SOON));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        Optional<Response> answer = call.answer().getNow(Optional.empty()).map(RecordedResponse::replay);
        return answer.isEmpty() && incoming.disconnected().isDone() ? Optional.of(clientGone()) : answer;
    }

    /** The answer to a call that another process has made, or this one before it was started; none if this is begun. */
    private Optional<Response> lookUpInStore(IncomingCall incoming, IdempotencyRecord record, long end)
            throws InterruptedException {
        try {
            return switch (record.begin(() -> !incoming.disconnected().isDone() && ticker.read() - end < 0)) {
                case Lookup.New() -> Optional.empty();
                case Lookup.Mismatch() ->
                    Optional.of(
                            refused(incoming, 422, Code.BAD_REQUEST, "the " + KEY + " was used for another request"));
                case Lookup.Completed(RecordedResponse answer) -> Optional.of(answer.replay());
                case Lookup.InProgress _ ->
                    Optional.of(
                            incoming.disconnected().isDone()
                                    ? clientGone()
                                    : unknown(
                                            incoming, "the first of these calls may have been carried out unanswered"));
            };
        } catch (StoreUnavailableException e) {
            LOG.debugf("could not look up idempotency record: request=%s: %s", incoming.id(), e.getMessage());
            return Optional.of(busy(incoming, "what this call repeats cannot be looked up at the moment", STORE_AWAY));
        }
    }

    /** The response for a client that has disconnected. */
    private static Response clientGone() {
        return Response.status(MountResource.CLIENT_CLOSED_REQUEST).build();
    }

    private Response unknown(IncomingCall incoming, String why) {
        Response response = refused(incoming, 409, Code.BAD_REQUEST, why);
        response.getHeaders().putSingle(OutcomeHeader.NAME, OutcomeHeader.UNKNOWN);
        return response;
    }

    private int largest() {
        return Math.toIntExact(config.maxResponse().asLongValue());
    }

    private Response refused(IncomingCall incoming, int status, Code code, String why) {
        return ErrorResponses.of(incoming.mounted(), status, code, "Sluice: " + why, incoming.id());
    }

    private Response busy(IncomingCall incoming, String why, Duration retryAfter) {
        return ErrorResponses.render(
                incoming.mounted(),
                new GatewayError(
                        429, Code.TOO_MANY_REQUESTS, "Sluice: " + why, incoming.id(), Optional.of(retryAfter)));
    }

    private static String fingerprint(IncomingCall incoming) {
        MessageDigest digest = Sha256.digest();
        String head = String.join(
                "\n",
                incoming.team().name(),
                incoming.mounted().surface().mount(),
                incoming.mounted().account(),
                incoming.request().method().name(),
                incoming.mounted().target().toString(),
                "");
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        if (incoming.body() instanceof Body.Buffered(byte[] bytes)) {
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
