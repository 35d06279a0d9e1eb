package io.sluice.call;

/** The connection ended, or time ran out, before the vendor's answer began. */
public final class ConnectionLostException extends OutcomeUnknownException {
    ConnectionLostException(Throwable cause) {
        super("the connection to the vendor was lost", cause);
    }
}
