package io.sluice.call;

import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;

/** A vendor's response, its body still unread. For one thread. */
public final class VendorResponse {
    /** The length of the beginning of a body, in bytes; no vendor's error is nearly as long. */
    private static final int BEGINNING = 8192;

    private final int status;
    private final MultivaluedMap<String, String> headers;
    private InputStream body;

    private VendorResponse(int status, MultivaluedMap<String, String> headers, InputStream body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** Returns a response that is in memory already, or a part of one. */
    public static VendorResponse of(int status, MultivaluedMap<String, String> headers, InputStream body) {
        return new VendorResponse(status, headers, body);
    }

    /** Returns the response that a vendor interface method has returned. */
    public static VendorResponse of(Response answer) {
        return new VendorResponse(
                answer.getStatus(),
                answer.getStringHeaders(),
                answer.hasEntity() ? answer.readEntity(InputStream.class) : InputStream.nullInputStream());
    }

    /** Returns the same response, whose connection goes back to the pool when the body has been read. */
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

    /** Puts bytes that were read from the body back, in front of the rest of it. */
    public void unread(byte[] read) {
        body = new SequenceInputStream(new ByteArrayInputStream(read), body);
    }

    /** Returns the first few thousand bytes of the body, which stays whole. Waits for them. */
    public String beginning() {
        BufferedInputStream buffered = new BufferedInputStream(body, BEGINNING);
        body = buffered;
        buffered.mark(BEGINNING);
        try {
            String beginning = new String(buffered.readNBytes(BEGINNING), StandardCharsets.UTF_8);
            buffered.reset();
            return beginning;
        } catch (IOException brokenOff) {
            // The reader of the body meets the same failure, and is in a better place to report it.
            return "";
        }
    }
}
