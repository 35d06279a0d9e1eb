package io.sluice.call.failure;

/** The failure of an attempt whose connection ended, or whose time ran out, before the vendor's response began. */
public final class ConnectionLostException extends OutcomeUnknownException {
    public ConnectionLostException(Throwable cause) {
        super("the connection to the vendor was lost", cause);
    }
}
