package io.sluice.sandbox.http;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A request body as it was read.
 *
 * @param whole the bytes, empty where they were not buffered
 * @param bytes how many bytes were received, buffered or not
 * @param sha256 their digest, where it was asked for
 * @param tooLarge true if it exceeded the bound, so that nothing was buffered
 */
public record Payload(Buffer whole, long bytes, @Nullable String sha256, boolean tooLarge) {
    /** No body. A new one each time, since a native image holds no buffer. */
    static Payload none() {
        return new Payload(Buffer.buffer(), 0, null, false);
    }
}
