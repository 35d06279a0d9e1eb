package io.sluice.cache;

import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;

/** A response with its whole body. Neither headers nor body may be changed. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares answers, and copying them would double their cost
public record BufferedResponse(int status, MultivaluedMap<String, String> headers, byte[] body) {
    /** The answer for one of those who asked. */
    public Result.Answered result() {
        MultivaluedMap<String, String> own = new MultivaluedHashMap<>();
        headers.forEach((name, values) -> own.addAll(name, values));
        return new Result.Answered(VendorResponse.of(status, own, new ByteArrayInputStream(body)), false);
    }
}
