package io.sluice.call.failure;

import org.jspecify.annotations.Nullable;

/** The failure of an attempt that the vendor surely did not execute, so any call may be tried again. */
public abstract sealed class UnexecutedException extends AttemptFailedException
        permits VendorThrottledException, VendorUnreachableException {
    UnexecutedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
