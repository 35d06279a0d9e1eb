package io.sluice.gateway;

import io.sluice.cache.CacheStatus;
import io.sluice.call.Call;
import io.sluice.call.Result;
import io.sluice.problem.GatewayError;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reply to a call on a mount: a value that the mount renders once. */
sealed interface Reply {
    /**
     * The result of a call: from the vendor, or from the cache.
     *
     * @param made the call that was made at the vendor for this reply; null where none was
     * @param status the effect of the cache
     */
    record Served(Result result, @Nullable Call made, CacheStatus status) implements Reply {
        /**
         * Returns the error in place of a response of the vendor, if there is none.
         *
         * @param caller the call that is replied to
         */
        Optional<GatewayError> error(MountCall caller) {
            return switch (result) {
                case Result.Answered _ -> Optional.empty();
                case Result.Shed shed ->
                    Optional.of(GatewayError.of(shed, caller.request().id()));
                case Result.Failed failed -> Optional.of(GatewayError.of(failed, madeFor(caller)));
            };
        }

        /** Returns the call that was made at the vendor; the caller's own where none was. */
        Call madeFor(MountCall caller) {
            return made == null ? caller.call() : made;
        }

        /** Returns the same reply with another result. */
        Served with(Result other) {
            return new Served(other, made, status);
        }
    }

    /** The recorded response to an earlier call that this one repeats. */
    record Replayed(RecordedResponse recorded) implements Reply {}

    /**
     * The confirmation that a call is stored for delivery.
     *
     * @param id the delivery's id
     * @param asked whether the caller asked for it; otherwise it gets the vendor's own confirmation
     * @param success the JSON with which the vendor confirms such a call
     */
    record Accepted(String id, boolean asked, String success) implements Reply {
        int status() {
            return asked ? 202 : 200;
        }

        String json() {
            return asked ? "{\"id\":\"" + id + "\",\"state\":\"queued\"}" : success;
        }
    }

    /**
     * A refusal by Sluice itself: nothing was sent for this call.
     *
     * @param unknown whether an earlier call that this one repeats may have been executed
     */
    record Refused(GatewayError error, boolean unknown) implements Reply {
        /** A refusal of a call that is no repetition. */
        Refused(GatewayError error) {
            this(error, false);
        }
    }

    /** No reply, since the caller has left. */
    record ClientGone() implements Reply {}
}
