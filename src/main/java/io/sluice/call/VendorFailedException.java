package io.sluice.call;

import jakarta.ws.rs.core.Response;

/** The vendor answered that it failed: 5xx. */
public final class VendorFailedException extends OutcomeUnknownException implements HoldsAnswer {
    private final transient Response answer;

    VendorFailedException(Response answer) {
        super("the vendor answered " + answer.getStatus(), null);
        this.answer = answer;
    }

    @Override
    public Response answer() {
        return answer;
    }
}
