package io.sluice.call;

import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A vendor's response, its body still unread or in memory. For one thread. */
public final class VendorResponse {
    /** The length of the beginning of a body, in bytes; no vendor's error is nearly as long. */
    private static final int BEGINNING = 8192;

    private final int status;
    private final MultivaluedMap<String, String> headers;
    private InputStream body;
    private byte @Nullable [] inMemory;

    private VendorResponse(int status, MultivaluedMap<String, String> headers, InputStream body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** Returns a response whose whole body is in memory. */
    public static VendorResponse of(int status, MultivaluedMap<String, String> headers, byte[] body) {
        VendorResponse response = new VendorResponse(status, headers, new ByteArrayInputStream(body));
        response.inMemory = body;
        return response;
    }

    /** Returns a response with a body that is read from a stream. */
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

    /** Returns the whole body, if it is in memory and nothing of it has been read; never waits. */
    public Optional<byte[]> inMemory() {
        return Optional.ofNullable(inMemory);
    }

    /**
     * Reads the whole body, if it has at most {@code max} bytes; waits for it. A larger body stays whole, and unread.
     *
     * @throws IOException if the body breaks off
     */
    public Optional<BufferedResponse> readAll(int max) throws IOException {
        byte[] read = body.readNBytes(max == Integer.MAX_VALUE ? max : max + 1);
        if (read.length <= max) {
            return Optional.of(new BufferedResponse(status, headers, read));
        }
        body = new SequenceInputStream(new ByteArrayInputStream(read), body);
        return Optional.empty();
    }

    /** Returns the first few thousand bytes of the body, which stays whole. Waits for them. */
    public String beginning() {
        byte[] whole = inMemory;
        if (whole != null) {
            return new String(whole, 0, Math.min(BEGINNING, whole.length), StandardCharsets.UTF_8);
        }
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
