package io.sluice.call.failure;

import jakarta.ws.rs.ProcessingException;

/** The refusal of an attempt without a permit, which was not sent. */
public final class NoPermitException extends ProcessingException {
    public NoPermitException(String call) {
        super("call " + call + " holds no permit for another attempt");
    }
}
