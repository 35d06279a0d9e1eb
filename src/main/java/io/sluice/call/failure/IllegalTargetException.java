package io.sluice.call.failure;

/**
 * The refusal of a request's path that could mean one thing to Sluice and another to the vendor. The message says why.
 */
public final class IllegalTargetException extends IllegalArgumentException {
    public IllegalTargetException(String message) {
        super(message);
    }
}
