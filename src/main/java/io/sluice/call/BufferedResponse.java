package io.sluice.call;

import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;

/** A response with its whole body in memory. Neither headers nor body may be changed. */
@SuppressWarnings("ArrayRecordComponent") // responses are never compared, and copying them would double their cost
public record BufferedResponse(int status, MultivaluedMap<String, String> headers, byte[] body) {
    /** Returns the response as the result of one call, with headers and a body stream of its own. */
    public Result.Answered result() {
        MultivaluedMap<String, String> own = new MultivaluedHashMap<>();
        headers.forEach(own::addAll);
        return new Result.Answered(VendorResponse.of(status, own, body), false);
    }
}
