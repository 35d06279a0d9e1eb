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
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call on a mount, as the steps of the chain hand it on.
 *
 * @param call the call to make at the vendor
 * @param disconnected completes when the caller leaves
 */
record MountCall(
        MountMatch mounted,
        Route.Match match,
        Team team,
        Call call,
        Preferences preferences,
        CompletableFuture<Void> disconnected) {
    /**
     * The preferences of a call's caller, besides those that the call itself has.
     *
     * @param idempotencyKey the value of {@code Idempotency-Key}, if there is one
     * @param repeated whether an SDK marks the call as a repetition, by {@code X-Retry-Count}
     * @param respondAsync whether the caller wants its response before the call is made
     */
    record Preferences(
            CacheDirectives cache, @Nullable String idempotencyKey, boolean repeated, boolean respondAsync) {}

    /** Returns the same call, made by another call at the vendor. */
    MountCall with(Call other) {
        return new MountCall(mounted, match, team, other, preferences, disconnected);
    }

    CallRequest request() {
        return call.request();
    }

    /** Returns true if repetitions of the call are recognized. */
    boolean isIdempotent() {
        return isIdempotent(match.operation(), preferences.idempotencyKey());
    }

    /** Returns true if the response is recorded: then it is to be read to its end even if the caller has left. */
    boolean isRecorded() {
        return isRecorded(
                match.operation(), preferences.idempotencyKey(), request().body());
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
    void abandon() {
        if (!isRecorded() || call.attempts().count() == 0) {
            call.abandon();
        }
    }

    /** Returns a refusal of the call. */
    Reply.Refused refused(int status, GatewayError.Code code, String why) {
        return new Reply.Refused(GatewayError.of(status, code, why, call.id()));
    }

    /** Returns a refusal of the call for the time being. */
    Reply.Refused busy(String why, Duration retryAfter) {
        return new Reply.Refused(GatewayError.busy(why, call.id(), retryAfter));
    }
}
