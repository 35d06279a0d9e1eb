package io.sluice.call;

import jakarta.ws.rs.ProcessingException;

/** The refusal of an attempt without a permit, which was not sent. */
public final class NoPermitException extends ProcessingException {
    NoPermitException(String call) {
        super("call " + call + " holds no permit for another attempt");
    }
}
