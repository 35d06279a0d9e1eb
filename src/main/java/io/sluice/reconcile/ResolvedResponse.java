package io.sluice.reconcile;

import io.sluice.call.BufferedResponse;
import io.sluice.call.SluiceHeaders;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;

/** A factory of the responses that writes would have got: the vendor's shape, marked as resolved by Sluice. */
public final class ResolvedResponse {
    private ResolvedResponse() {}

    /** A success with a body of JSON, in the vendor's content type. */
    public static BufferedResponse of(String contentType, byte[] json) {
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.putSingle(HttpHeaders.CONTENT_TYPE, contentType);
        headers.putSingle(HttpHeaders.CONTENT_LENGTH, Integer.toString(json.length));
        headers.putSingle(SluiceHeaders.OUTCOME, SluiceHeaders.RESOLVED);
        return new BufferedResponse(200, headers, json);
    }
}
