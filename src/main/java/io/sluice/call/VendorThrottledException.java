package io.sluice.call;

import jakarta.ws.rs.core.Response;

/** The vendor refused an attempt for its rate, or for want of a place. */
public final class VendorThrottledException extends UnexecutedException implements CarriesResponse {
    private final transient Response response;

    VendorThrottledException(Response response) {
        super("throttled by the vendor", null);
        this.response = response;
    }

    @Override
    public Response response() {
        return response;
    }
}
