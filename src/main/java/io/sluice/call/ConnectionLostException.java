package io.sluice.call;

/** The failure of an attempt whose connection ended, or whose time ran out, before the vendor's response began. */
public final class ConnectionLostException extends OutcomeUnknownException {
    ConnectionLostException(Throwable cause) {
        super("the connection to the vendor was lost", cause);
    }
}
