package io.sluice.call;

import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;

/** What a vendor answered, its body still on the way. Read by one thread. */
public final class VendorResponse {
    /** No vendor's error is longer by far. */
    private static final int BEGINNING = 8192;

    private final int status;
    private final MultivaluedMap<String, String> headers;
    private InputStream body;

    private VendorResponse(int status, MultivaluedMap<String, String> headers, InputStream body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** An answer as it came earlier, or a part of one. */
    public static VendorResponse of(int status, MultivaluedMap<String, String> headers, InputStream body) {
        return new VendorResponse(status, headers, body);
    }

    /** The answer that a vendor interface method has returned. */
    public static VendorResponse of(Response answer) {
        return new VendorResponse(
                answer.getStatus(),
                answer.getStringHeaders(),
                answer.hasEntity() ? answer.readEntity(InputStream.class) : InputStream.nullInputStream());
    }

    /** The same answer, whose connection goes back to the pool when the body has been read. */
    public VendorResponse streamingFor(Call call) {
        return new VendorResponse(status, headers, new VendorResponseBody(body, call));
    }

    public int status() {
        return status;
    }

    public MultivaluedMap<String, String> headers() {
        return headers;
    }

    public InputStream body() {
        return body;
    }

    /** Puts bytes that were read from the body back, in front of what is left of it. */
    public void unread(byte[] read) {
        body = new SequenceInputStream(new ByteArrayInputStream(read), body);
    }

    /** The first few thousand bytes of the body, which stays whole. Waits for them. */
    public String beginning() {
        BufferedInputStream buffered = new BufferedInputStream(body, BEGINNING);
        body = buffered;
        buffered.mark(BEGINNING);
        try {
            String beginning = new String(buffered.readNBytes(BEGINNING), StandardCharsets.UTF_8);
            buffered.reset();
            return beginning;
        } catch (IOException brokenOff) {
            // Whoever reads the body meets it too, and is in a better place to tell.
            return "";
        }
    }
}
