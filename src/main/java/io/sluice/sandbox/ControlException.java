package io.sluice.sandbox;

/** A request to the sandbox's own API that cannot be served. Its message is shown to the caller. */
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
