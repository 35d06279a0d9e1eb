package io.sluice.cache;

import io.sluice.call.Result;
import io.sluice.call.VendorAnswer;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;

/** An answer with its whole body. Nobody may change headers or body. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares answers, and copying them would double their cost
public record Whole(int status, MultivaluedMap<String, String> headers, byte[] body) {
    /** The answer for one of those who asked. */
    public Result.Answered result() {
        MultivaluedMap<String, String> own = new MultivaluedHashMap<>();
        headers.forEach((name, values) -> own.addAll(name, values));
        return new Result.Answered(VendorAnswer.of(status, own, new ByteArrayInputStream(body)), false);
    }
}
