package io.sluice.call;

import jakarta.ws.rs.core.Response;

/** A failure that the vendor itself told us about. */
public interface CarriesResponse {
    /** The answer as it came, open and its body unread, for whoever passes it on or closes it. */
    Response response();
}
