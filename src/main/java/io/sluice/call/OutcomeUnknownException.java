package io.sluice.call;

import org.jspecify.annotations.Nullable;

/** The vendor may have done what was asked, so only what may be done twice is tried again. */
public abstract sealed class OutcomeUnknownException extends AttemptFailedException
        permits VendorFailedException, ConnectionLostException, CallTimedOutException {
    OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
