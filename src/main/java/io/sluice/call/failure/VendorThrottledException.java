package io.sluice.call.failure;

import jakarta.ws.rs.core.Response;

/** The failure of an attempt that the vendor refused for its rate, or because all of its slots were taken. */
public final class VendorThrottledException extends UnexecutedException implements CarriesResponse {
    private final transient Response response;

    public VendorThrottledException(Response response) {
        super("throttled by the vendor", null);
        this.response = response;
    }

    @Override
    public Response response() {
        return response;
    }
}
