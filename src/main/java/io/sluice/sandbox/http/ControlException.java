package io.sluice.sandbox.http;

/** A refused request to the sandbox's own API. Its message is shown to the caller. */
public final class ControlException extends RuntimeException {
    private final int status;

    public ControlException(int status, String message) {
        super(message);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
