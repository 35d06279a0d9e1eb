package io.sluice.sandbox.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A reader of one request body: buffers it up to a bound, or only digests it, or only counts it. Used on one event
 * loop.
 */
public final class BodyReader {
    private final int bound;
    private final @Nullable MessageDigest digest;
    private final Buffer kept = Buffer.buffer();
    private long bytes;

    private BodyReader(int bound, @Nullable MessageDigest digest) {
        this.bound = bound;
        this.digest = digest;
    }

    /** A reader that buffers up to {@code bound} bytes; a larger body is read to its end but not buffered. */
    public static BodyReader keeping(int bound) {
        return new BodyReader(bound, null);
    }

    static BodyReader digesting() {
        try {
            return new BodyReader(0, MessageDigest.getInstance("SHA-256"));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    static BodyReader counting() {
        return new BodyReader(0, null);
    }

    public Future<Payload> read(HttpServerRequest request) {
        if (request.isEnded()) {
            return Future.succeededFuture(payload());
        }
        Promise<Payload> done = Promise.promise();
        request.exceptionHandler(done::tryFail);
        request.handler(this::take);
        request.endHandler(end -> done.tryComplete(payload()));
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        request.resume();
        return done.future();
    }

    private void take(Buffer chunk) {
        bytes += chunk.length();
        if (digest != null) {
            digest.update(chunk.getBytes());
        } else if (bytes <= bound) {
            kept.appendBuffer(chunk);
        }
    }

    private Payload payload() {
        String sha256 = digest == null ? null : HexFormat.of().formatHex(digest.digest());
        boolean tooLarge = digest == null && bytes > bound;
        return new Payload(tooLarge ? Buffer.buffer() : kept, bytes, sha256, tooLarge);
    }
}
