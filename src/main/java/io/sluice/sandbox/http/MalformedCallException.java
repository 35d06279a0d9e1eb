package io.sluice.sandbox.http;

/** A malformed call of a vendor's API, not readable as JSON or numbers; each surface answers it in its own shape. */
public final class MalformedCallException extends RuntimeException {
    public MalformedCallException(String detail) {
        super(detail, null, false, false);
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
