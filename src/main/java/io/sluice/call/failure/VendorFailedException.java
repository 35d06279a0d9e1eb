package io.sluice.call.failure;

import jakarta.ws.rs.core.Response;

/** The failure of an attempt that the vendor answered with 5xx. */
public final class VendorFailedException extends OutcomeUnknownException implements CarriesResponse {
    private final transient Response response;

    public VendorFailedException(Response response) {
        super("the vendor answered " + response.getStatus(), null);
        this.response = response;
    }

    @Override
    public Response response() {
        return response;
    }
}
