package io.sluice.call;

import jakarta.ws.rs.ProcessingException;

/** An attempt was about to leave without a permit, and was not sent. */
public final class NoPermitException extends ProcessingException {
    NoPermitException(String call) {
        super("call " + call + " holds no permit for another attempt");
    }
}
