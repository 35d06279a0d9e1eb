package io.sluice.sandbox;

/** A call of a vendor's API that cannot be read as JSON or numbers; each surface answers it in its own shape. */
final class MalformedCallException extends RuntimeException {
    MalformedCallException(String detail) {
        super(detail, null, false, false);
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
