package io.sluice.call.failure;

import org.jspecify.annotations.Nullable;

/** The failure of an attempt that the vendor may have executed, so only calls that may be repeated are tried again. */
public abstract sealed class OutcomeUnknownException extends AttemptFailedException
        permits VendorFailedException, ConnectionLostException, CallTimedOutException {
    OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
