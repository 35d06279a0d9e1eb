package io.sluice.call;

/**
 * The refusal of a request's path that could mean one thing to Sluice and another to the vendor. The message says why.
 */
public final class IllegalTargetException extends IllegalArgumentException {
    IllegalTargetException(String message) {
        super(message);
    }
}
