package io.sluice.sandbox;

/** A refused request to the sandbox's own API. Its message is shown to the caller. */
final class ControlException extends RuntimeException {
    private final int status;

    ControlException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
