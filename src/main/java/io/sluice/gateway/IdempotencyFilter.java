package io.sluice.gateway;

import io.sluice.Sha256;
import io.sluice.budget.Ticker;
import io.sluice.call.Body;
import io.sluice.call.IdempotencyConfig;
import io.sluice.gateway.IdempotencyRecords.IdempotencyRecord;
import io.sluice.http.BodiesConfig;
import io.sluice.http.RequestBodies;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.idempotency.IdempotencyStore.Lookup;
import io.sluice.idempotency.StoredResponse;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import io.sluice.store.StoreUnavailableException;
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
 * The step that makes mount calls idempotent: replays the first response when a caller repeats a request.
 *
 * <p>A caller that sends an {@code Idempotency-Key} gets the first response again, for a day and over restarts. An SDK
 * that repeats a call by itself marks it with {@code X-Retry-Count}: if it has the same team, method, target and body
 * as a call that was answered within the last minute, it gets that response, and waits for it while the call is still
 * under way. Non-repeatable calls are recorded in the database, so that this holds over restarts and in all processes
 * that share it. A call is made again only if it surely was not executed.
 */
final class IdempotencyFilter implements CallHandler<Reply> {
    private static final Logger LOG = Logger.getLogger(IdempotencyFilter.class);
    static final String KEY = "Idempotency-Key";
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration STORE_AWAY = Duration.ofSeconds(5);

    private final CallHandler<Reply> next;
    private final IdempotencyConfig config;
    private final BodiesConfig bodies;
    private final Duration maxWait;
    private final Ticker ticker;
    private final InFlightRequests inFlight;
    private final IdempotencyRecords durableRecords;

    IdempotencyFilter(
            CallHandler<Reply> next,
            IdempotencyRecords durableRecords,
            GatewayConfig config,
            InstantSource clock,
            Ticker ticker) {
        this.next = next;
        this.config = config.idempotency();
        this.bodies = config.bodies();
        this.maxWait = config.permitWait().max();
        this.ticker = ticker;
        this.inFlight = new InFlightRequests(config.idempotency(), clock);
        this.durableRecords = durableRecords;
    }

    /**
     * Makes the call, or replays the response that the same one got. Waits for one that is under way as long as callers
     * may wait for a permit; a call that is then made has the rest of its own deadline. If the caller leaves while it
     * waits, the reply is {@link Reply.ClientGone}, and the call is not made.
     */
    @Override
    public Reply handle(MountCall incoming) throws InterruptedException {
        if (!incoming.isIdempotent()) {
            return next.handle(incoming);
        }
        String key = incoming.preferences().idempotencyKey();
        boolean repeats = incoming.preferences().repeated();
        boolean nonRepeatable = incoming.match().operation().nonRepeatable();
        if (incoming.request().body() instanceof Body.Streaming streaming) {
            Optional<Reply> rejection = tooLarge(incoming, streaming);
            if (rejection.isEmpty()) {
                return next.handle(incoming);
            }
            RequestBodies.discard(streaming);
            return rejection.get();
        }
        String fingerprint = fingerprint(incoming);
        if (key == null) {
            IdempotencyRecord record = nonRepeatable ? durableRecords.nameless(incoming, fingerprint) : null;
            return repeats
                    ? executeUnlessKnown(incoming, fingerprint, record)
                    : executeFirst(incoming, fingerprint, record);
        }
        if (key.isEmpty() || key.length() > IdempotencyStore.LONGEST_KEY) {
            return incoming.refused(
                    400, Code.BAD_REQUEST, KEY + " must have 1 to " + IdempotencyStore.LONGEST_KEY + " characters");
        }
        IdempotencyRecord record = durableRecords.keyed(incoming, key, fingerprint);
        return executeUnlessKnown(incoming, "key\n" + key + "\n" + fingerprint, record);
    }

    /** Refuses a call whose body is too large to be compared, if its repetition could not be recognized. */
    private Optional<Reply> tooLarge(MountCall incoming, Body.Streaming body) {
        boolean nonRepeatable = incoming.match().operation().nonRepeatable();
        boolean keyed = incoming.preferences().idempotencyKey() != null;
        long most = Math.max(
                bodies.bufferMax().asLongValue(),
                nonRepeatable ? config.maxRequest().asLongValue() : 0);
        if ((nonRepeatable || keyed) && body.length() >= 0 && body.length() <= most) {
            return Optional.of(incoming.busy("there is no memory to buffer the body at the moment", SOON));
        }
        if (keyed) {
            return Optional.of(incoming.refused(
                    413, Code.TOO_LARGE, "with an " + KEY + " a body may have at most " + most + " bytes"));
        }
        return nonRepeatable && incoming.preferences().repeated()
                ? Optional.of(unknown(
                        incoming,
                        "a call that was executed may be repeated here: it cannot be compared, since its"
                                + " body has more than " + most + " bytes"))
                : Optional.empty();
    }

    /**
     * Executes a call as a first one, whether or not the same one was made before.
     *
     * @param record its durable record, if it has one
     */
    private Reply executeFirst(MountCall incoming, String name, @Nullable IdempotencyRecord record)
            throws InterruptedException {
        return executeAndRecord(incoming, name, inFlight.begin(name), record, () -> {
            try {
                if (record != null) {
                    record.restart();
                }
            } catch (StoreUnavailableException e) {
                // Calls go on while the database is away; repetitions are then recognized in this process only.
                LOG.debugf(
                        "could not store idempotency record before the call: request=%s: %s",
                        incoming.request().id(), e.getMessage());
            }
            return Optional.empty();
        });
    }

    /**
     * Executes a call unless the same one is known. If several wait for a call that turns out not to be executed, one
     * of them takes over.
     */
    private Reply executeUnlessKnown(MountCall incoming, String name, @Nullable IdempotencyRecord record)
            throws InterruptedException {
        long end = ticker.read() + maxWait.toNanos();
        while (true) {
            InFlightRequests.Registration registration = inFlight.beginUnlessKnown(name);
            if (registration.begun()) {
                return executeAndRecord(
                        incoming,
                        name,
                        registration.call(),
                        record,
                        () -> record == null ? Optional.empty() : lookUpInStore(incoming, record, end));
            }
            Optional<Reply> answer = answer(incoming, registration.call(), end);
            if (answer.isPresent()) {
                return answer.get();
            }
        }
    }

    /** A check before a call is made, which can reply instead. */
    @FunctionalInterface
    private interface Precheck {
        Optional<Reply> reply() throws InterruptedException;
    }

    /** Executes a call whose record is begun, and ends the record whatever happens. */
    private Reply executeAndRecord(
            MountCall incoming,
            String name,
            InFlightRequests.Entry call,
            @Nullable IdempotencyRecord record,
            Precheck precheck)
            throws InterruptedException {
        RecordedResponse answer = null;
        try {
            Optional<Reply> known = precheck.reply();
            if (known.isPresent()) {
                return known.get();
            }
            answer = RecordedResponse.brokenOff();
            RecordedResponse.Recording recording = RecordedResponse.of(next.handle(incoming), incoming, largest());
            RecordedResponse recorded = recording.recorded();
            answer = recorded == null || recorded.safeToRepeat() ? null : recorded;
            if (record != null) {
                record.end(answer);
            }
            return recording.reply();
        } finally {
            // Not before the record is stored: a request that waits for this call looks there next.
            inFlight.end(name, call, answer);
        }
    }

    /** Waits for the response to a call of this process; empty if it turns out not to be executed. */
    private Optional<Reply> answer(MountCall incoming, InFlightRequests.Entry call, long end)
            throws InterruptedException {
        try {
            CompletableFuture.anyOf(call.answer(), incoming.disconnected())
                    .get(end - ticker.read(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Optional.of(incoming.busy("the call that this one repeats is still in flight", SOON));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        Optional<Reply> answer = call.answer().getNow(Optional.empty()).map(Reply.Replayed::new);
        return answer.isEmpty() && incoming.disconnected().isDone() ? Optional.of(new Reply.ClientGone()) : answer;
    }

    /**
     * Returns the response to a call that another process has made, or this one before its restart; empty if the call
     * has been begun with this lookup.
     */
    private Optional<Reply> lookUpInStore(MountCall incoming, IdempotencyRecord record, long end)
            throws InterruptedException {
        try {
            return switch (record.begin(() -> !incoming.disconnected().isDone() && ticker.read() - end < 0)) {
                case Lookup.New() -> Optional.empty();
                case Lookup.Mismatch() ->
                    Optional.of(
                            incoming.refused(422, Code.BAD_REQUEST, "the " + KEY + " was used for another request"));
                case Lookup.Completed(StoredResponse stored) ->
                    Optional.of(new Reply.Replayed(RecordedResponse.of(stored)));
                case Lookup.InProgress _ ->
                    Optional.of(
                            incoming.disconnected().isDone()
                                    ? new Reply.ClientGone()
                                    : unknown(
                                            incoming,
                                            "the first call may have been executed, but its response is unknown"));
            };
        } catch (StoreUnavailableException e) {
            LOG.debugf(
                    "could not look up idempotency record: request=%s: %s",
                    incoming.request().id(), e.getMessage());
            return Optional.of(incoming.busy(
                    "the record of the call that this one repeats cannot be read at the moment", STORE_AWAY));
        }
    }

    private static Reply unknown(MountCall incoming, String why) {
        return new Reply.Refused(
                GatewayError.of(409, Code.BAD_REQUEST, why, incoming.request().id()), true);
    }

    private int largest() {
        return Math.toIntExact(config.maxResponse().asLongValue());
    }

    private static String fingerprint(MountCall incoming) {
        MessageDigest digest = Sha256.digest();
        String head = String.join(
                "\n",
                incoming.team().name(),
                incoming.mounted().surface().mount(),
                incoming.mounted().account(),
                incoming.request().method(),
                incoming.mounted().target().toString(),
                "");
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        if (incoming.request().body() instanceof Body.Buffered(byte[] bytes)) {
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
