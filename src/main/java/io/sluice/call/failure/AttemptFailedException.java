package io.sluice.call.failure;

import org.jspecify.annotations.Nullable;

/**
 * The failure of an attempt: it did not get the response that the call is for. The subtypes state whether another
 * attempt is safe.
 */
public abstract sealed class AttemptFailedException extends RuntimeException
        permits UnexecutedException, OutcomeUnknownException {
    AttemptFailedException(String message, @Nullable Throwable cause) {
        // A vendor's behaviour is no bug of ours: a stack trace says nothing about it, and costs as much as the call.
        super(message, cause, false, false);
    }
}
