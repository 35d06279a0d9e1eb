package io.sluice.gateway;

import io.sluice.cache.CacheDirectives;
import io.sluice.call.Body;
import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.problem.GatewayError;
import io.sluice.saas.Route;
import io.sluice.team.Team;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call on a mount, as the steps of the chain hand it on. Its request is there from the beginning; the {@link Call} at
 * the vendor is made when a step first needs it, since a cached response needs none. Thread-safe; no method waits.
 */
final class MountCall {
    private final MountMatch mounted;
    private final Route.Match match;
    private final Team team;
    private final CallRequest request;
    private final Preferences preferences;
    private final Supplier<CompletableFuture<Void>> disconnected;

    private volatile @Nullable Call made; // written under the lock of this

    /** @param disconnected finds the future that completes when the caller leaves; always the same one */
    MountCall(
            MountMatch mounted,
            Route.Match match,
            Team team,
            CallRequest request,
            Preferences preferences,
            Supplier<CompletableFuture<Void>> disconnected) {
        this.mounted = mounted;
        this.match = match;
        this.team = team;
        this.request = request;
        this.preferences = preferences;
        this.disconnected = disconnected;
    }

    /**
     * The preferences of a call's caller, besides those that the call itself has.
     *
     * @param idempotencyKey the value of {@code Idempotency-Key}, if there is one
     * @param repeated whether an SDK marks the call as a repetition, by {@code X-Retry-Count}
     * @param respondAsync whether the caller wants its response before the call is made
     */
    record Preferences(
            CacheDirectives cache, @Nullable String idempotencyKey, boolean repeated, boolean respondAsync) {}

    MountMatch mounted() {
        return mounted;
    }

    Route.Match match() {
        return match;
    }

    Team team() {
        return team;
    }

    CallRequest request() {
        return request;
    }

    Preferences preferences() {
        return preferences;
    }

    /** Returns the future that completes when the caller leaves. */
    CompletableFuture<Void> disconnected() {
        return disconnected.get();
    }

    /** Returns the call to make at the vendor, always the same one; it is abandoned when the caller leaves. */
    synchronized Call call() {
        Call call = made;
        if (call == null) {
            Call first = new Call(request);
            made = first;
            CompletableFuture<Void> _ = disconnected().thenRun(() -> abandon(first));
            return first;
        }
        return call;
    }

    /** Returns the call at the vendor, if a step has needed it yet. */
    Optional<Call> made() {
        return Optional.ofNullable(made);
    }

    /** Returns the same call, made by another call at the vendor, which this one's caller does not abandon. */
    MountCall with(Call other) {
        MountCall same = new MountCall(mounted, match, team, other.request(), preferences, disconnected);
        same.made = other;
        return same;
    }

    /** Returns true if repetitions of the call are recognized. */
    boolean isIdempotent() {
        return isIdempotent(match.operation(), preferences.idempotencyKey());
    }

    /** Returns true if the response is recorded: then it is to be read to its end even if the caller has left. */
    private boolean isRecorded() {
        return isRecorded(match.operation(), preferences.idempotencyKey(), request.body());
    }

    /** Returns true if the response to such a call is recorded. */
    static boolean isRecorded(Operation operation, @Nullable String idempotencyKey, Body body) {
        return isIdempotent(operation, idempotencyKey) && !(body instanceof Body.Streaming);
    }

    private static boolean isIdempotent(Operation operation, @Nullable String idempotencyKey) {
        return operation.effect() == Operation.Effect.WRITE
                && (operation.retrySafety() == Operation.RetrySafety.UNSENT_ONLY || idempotencyKey != null);
    }

    /** Abandons the call, since its caller has left; a recorded one only if the vendor has not been asked yet. */
    private void abandon(Call call) {
        if (!isRecorded() || call.attempts().count() == 0) {
            call.abandon();
        }
    }

    /** Returns a refusal of the call. */
    Reply.Refused refused(int status, GatewayError.Code code, String why) {
        return new Reply.Refused(GatewayError.of(status, code, why, request.id()));
    }

    /** Returns a refusal of the call for the time being. */
    Reply.Refused busy(String why, Duration retryAfter) {
        return new Reply.Refused(GatewayError.busy(why, request.id(), retryAfter));
    }
}
