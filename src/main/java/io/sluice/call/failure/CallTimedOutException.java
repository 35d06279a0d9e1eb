package io.sluice.call.failure;

import org.jspecify.annotations.Nullable;

/**
 * The end of a call whose time for all attempts was over while an attempt was under way. That attempt was aborted, and
 * no other one is made.
 */
public final class CallTimedOutException extends OutcomeUnknownException {
    public CallTimedOutException(@Nullable Throwable cause) {
        super("the call timed out", cause);
    }
}
