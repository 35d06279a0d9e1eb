package io.sluice.call.failure;

import jakarta.ws.rs.core.Response;

/** A failure that came as a response of the vendor. */
public interface CarriesResponse {
    /** Returns the response as it came, open and its body unread; the receiver forwards or closes it. */
    Response response();
}
