package io.sluice.call;

import org.jspecify.annotations.Nullable;

/** An attempt did not get the answer that the call is for. The subtypes tell whether another one is safe. */
public abstract sealed class AttemptFailedException extends RuntimeException
        permits UnexecutedException, OutcomeUnknownException {
    AttemptFailedException(String message, @Nullable Throwable cause) {
        // What a vendor does is no bug of ours: where it was noticed tells nothing, and costs as much as the call.
        super(message, cause, false, false);
    }
}
