package io.sluice.gateway;

import io.sluice.Sha256;
import io.sluice.Ulids;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.call.Body;
import io.sluice.call.IdempotencyConfig;
import io.sluice.call.Operation;
import io.sluice.gateway.IdempotencyRecords.IdempotencyRecord;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.idempotency.IdempotencyStore.Lookup;
import io.sluice.idempotency.StoredResponse;
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
 * <p>A caller that sends an {@code Idempotency-Key} gets the first response again, for a day and over restarts. An SDK
 * that repeats a call by itself marks it with {@code X-Retry-Count}: if it has the same team, method, target and body
 * as a call that was answered within the last minute, it gets that response, and waits for it while the call is still
 * under way. Non-repeatable calls are recorded in the database, so that this holds over restarts and in all processes
 * that share it. A call is made again only if it surely was not executed.
 */
@Singleton
class IdempotencyFilter {
    private static final Logger LOG = Logger.getLogger(IdempotencyFilter.class);
    private static final String KEY = "Idempotency-Key";
    private static final String RETRY = "X-Retry-Count";
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

    /** The execution of a call. */
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

    /** Returns true if a call's response is recorded: then it is to be read to its end even if the caller has left. */
    boolean records(IncomingCall incoming) {
        return applies(incoming) && !(incoming.body() instanceof Body.Streaming);
    }

    private static boolean applies(IncomingCall incoming) {
        boolean writes = incoming.operation().effect() == Operation.Effect.WRITE;
        boolean unsentOnly = incoming.operation().retrySafety() == Operation.RetrySafety.UNSENT_ONLY;
        return writes && (unsentOnly || incoming.header(KEY) != null);
    }

    /**
     * Makes the call, or replays the response that the same one got. Waits for one that is under way as long as callers
     * may wait for a permit; a call that is then made has the rest of its own deadline. If the caller leaves while it
     * waits, the response is {@link MountResource#CLIENT_CLOSED_REQUEST}, and the call is not made.
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
        if (key.isEmpty() || key.length() > IdempotencyStore.LONGEST_KEY) {
            return refused(
                    incoming,
                    400,
                    Code.BAD_REQUEST,
                    KEY + " must have 1 to " + IdempotencyStore.LONGEST_KEY + " characters");
        }
        IdempotencyRecord record = durableRecords.keyed(incoming, key, fingerprint);
        return executeUnlessKnown(incoming, "key\n" + key + "\n" + fingerprint, Optional.of(record), execution);
    }

    /** Refuses a call whose body is too large to be compared, if its repetition could not be recognized. */
    private Optional<Response> tooLarge(IncomingCall incoming, Body.Streaming body, boolean repeats) {
        boolean nonRepeatable = incoming.operation().nonRepeatable();
        boolean keyed = incoming.header(KEY) != null;
        long most = Math.max(
                bodies.bufferMax().asLongValue(),
                nonRepeatable ? config.maxRequest().asLongValue() : 0);
        if ((nonRepeatable || keyed) && body.length() >= 0 && body.length() <= most) {
            return Optional.of(busy(incoming, "there is no memory to buffer the body at the moment", SOON));
        }
        if (keyed) {
            return Optional.of(refused(
                    incoming, 413, Code.TOO_LARGE, "with an " + KEY + " a body may have at most " + most + " bytes"));
        }
        return nonRepeatable && repeats
                ? Optional.of(unknown(
                        incoming,
                        "a call that was executed may be repeated here: it cannot be compared, since its"
                                + " body has more than " + most + " bytes"))
                : Optional.empty();
    }

    /** Executes a call as a first one, whether or not the same one was made before. */
    private Response executeFirst(
            IncomingCall incoming, String name, Optional<IdempotencyRecord> record, Execution execution)
            throws InterruptedException {
        return executeAndRecord(name, inFlight.begin(name), record, execution, () -> {
            try {
                record.ifPresent(IdempotencyRecord::restart);
            } catch (StoreUnavailableException e) {
                // Calls go on while the database is away; repetitions are then recognized in this process only.
                LOG.debugf(
                        "could not store idempotency record before the call: request=%s: %s",
                        incoming.id(), e.getMessage());
            }
            return Optional.empty();
        });
    }

    /**
     * Executes a call unless the same one is known. If several wait for a call that turns out not to be executed, one
     * of them takes over.
     */
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

    /** A check before a call is made, which can answer it instead. */
    @FunctionalInterface
    private interface Precheck {
        Optional<Response> answer() throws InterruptedException;
    }

    /** Executes a call whose record is begun, and ends the record whatever happens. */
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
            // Not before the record is stored: a request that waits for this call looks there next.
            inFlight.end(name, call, answer);
        }
    }

    /** Waits for the response to a call of this process; empty if it turns out not to be executed. */
    private Optional<Response> answer(IncomingCall incoming, InFlightRequests.Entry call, long end)
            throws InterruptedException {
        try {
            CompletableFuture.anyOf(call.answer(), incoming.disconnected())
                    .get(end - ticker.read(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Optional.of(busy(incoming, "the call that this one repeats is still in flight", SOON));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        Optional<Response> answer = call.answer().getNow(Optional.empty()).map(RecordedResponse::replay);
        return answer.isEmpty() && incoming.disconnected().isDone() ? Optional.of(clientGone()) : answer;
    }

    /**
     * Returns the response to a call that another process has made, or this one before its restart; empty if the call
     * has been begun with this lookup.
     */
    private Optional<Response> lookUpInStore(IncomingCall incoming, IdempotencyRecord record, long end)
            throws InterruptedException {
        try {
            return switch (record.begin(() -> !incoming.disconnected().isDone() && ticker.read() - end < 0)) {
                case Lookup.New() -> Optional.empty();
                case Lookup.Mismatch() ->
                    Optional.of(
                            refused(incoming, 422, Code.BAD_REQUEST, "the " + KEY + " was used for another request"));
                case Lookup.Completed(StoredResponse stored) ->
                    Optional.of(RecordedResponse.of(stored).replay());
                case Lookup.InProgress _ ->
                    Optional.of(
                            incoming.disconnected().isDone()
                                    ? clientGone()
                                    : unknown(
                                            incoming,
                                            "the first call may have been executed, but its response is unknown"));
            };
        } catch (StoreUnavailableException e) {
            LOG.debugf("could not look up idempotency record: request=%s: %s", incoming.id(), e.getMessage());
            return Optional.of(busy(
                    incoming, "the record of the call that this one repeats cannot be read at the moment", STORE_AWAY));
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
