package io.sluice.call;

import jakarta.ws.rs.core.Response;

/** The vendor refused an attempt for its rate, or for want of a place. */
public final class VendorThrottledException extends UnexecutedException implements HoldsAnswer {
    private final transient Response answer;

    VendorThrottledException(Response answer) {
        super("throttled by the vendor", null);
        this.answer = answer;
    }

    @Override
    public Response answer() {
        return answer;
    }
}
