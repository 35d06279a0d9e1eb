package io.sluice.call;

import org.jspecify.annotations.Nullable;

/** The time for the whole call was over while an attempt was under way, which was broken off. No other one is made. */
public final class CallTimedOutException extends OutcomeUnknownException {
    CallTimedOutException(@Nullable Throwable cause) {
        super("the time for the call is over", cause);
    }
}
