package io.sluice.sandbox;

/** A malformed call of a vendor's API, not readable as JSON or numbers; each surface answers it in its own shape. */
final class MalformedCallException extends RuntimeException {
    MalformedCallException(String detail) {
        super(detail, null, false, false);
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
