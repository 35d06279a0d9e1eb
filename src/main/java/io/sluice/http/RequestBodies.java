package io.sluice.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.sluice.InvalidConfigException;
import io.sluice.call.Body;
import io.sluice.call.IdempotencyConfig;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The buffering of request bodies: decides which are kept for a retry, and bounds their total size. */
@Singleton
public class RequestBodies {
    private static final BodyReservation NO_BODY = new BodyReservation(new Body.None(), () -> false, () -> {});

    private final int bufferMax;
    private final int bufferMaxOfNonRepeatable;
    private final long atMost;
    private final Semaphore room;

    RequestBodies(BodiesConfig config, IdempotencyConfig idempotency) {
        this.bufferMax = inMemory("bodies.buffer-max", config.bufferMax());
        this.bufferMaxOfNonRepeatable =
                Math.max(bufferMax, inMemory("idempotency.max-request", idempotency.maxRequest()));
        this.atMost = config.max().asLongValue();
        this.room = new Semaphore(inMemory("bodies.buffer-total", config.bufferTotal()));
    }

    private static int inMemory(String key, MemorySize size) {
        InvalidConfigException.check(
                size.asLongValue() <= Integer.MAX_VALUE,
                "sluice." + key,
                () -> "must be less than 2G: " + size.asLongValue());
        return (int) size.asLongValue();
    }

    /**
     * A body and its reservation of memory until the call is over.
     *
     * @param tooLarge whether it has turned out to be larger than a body may be
     */
    public record BodyReservation(Body body, BooleanSupplier tooLarge, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    /**
     * Reads the body if it is small enough to buffer; waits for the caller to send it.
     *
     * @param opening opens the body; not run where there is none
     */
    public BodyReservation read(HttpServerRequest request, Supplier<InputStream> opening) throws IOException {
        return read(request, opening, false);
    }

    /**
     * Reads the body as above; of a non-repeatable call, a larger one is buffered too, so that a repetition
     * is recognized.
     */
    public BodyReservation read(HttpServerRequest request, Supplier<InputStream> opening, boolean nonRepeatable)
            throws IOException {
        int bufferedAtMost = nonRepeatable ? bufferMaxOfNonRepeatable : bufferMax;
        long length = BodySize.stated(request);
        if (length == 0) {
            return NO_BODY;
        }
        InputStream stream = opening.get();
        int reserved = length > 0 && length < bufferedAtMost ? (int) length : bufferedAtMost;
        if (length > bufferedAtMost || !room.tryAcquire(reserved)) {
            return streaming(stream, length);
        }
        boolean buffered = false;
        try {
            byte[] start = stream.readNBytes(bufferedAtMost);
            int next = start.length < bufferedAtMost || length == bufferedAtMost ? -1 : stream.read();
            if (start.length == 0) {
                return NO_BODY;
            }
            if (next < 0) {
                buffered = true;
                int excess = reserved - start.length;
                room.release(excess);
                return new BodyReservation(new Body.Buffered(start), () -> false, () -> room.release(start.length));
            }
            InputStream begun = new SequenceInputStream(
                    new ByteArrayInputStream(start), new ByteArrayInputStream(new byte[] {(byte) next}));
            return streaming(new SequenceInputStream(begun, stream), length);
        } finally {
            if (!buffered) {
                room.release(reserved);
            }
        }
    }

    /**
     * Reads an unused body to its end: some callers read a response only once they have sent everything. Waits for them
     * to send it.
     */
    public static void discard(Body body) {
        if (body instanceof Body.Streaming streaming) {
            try {
                streaming.stream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException left) {
                // Then there is no caller to answer, either.
                return;
            }
        }
    }

    private BodyReservation streaming(InputStream stream, long length) {
        if (length >= 0) {
            // The server allows no more than that to be read, and a larger one has been refused.
            return new BodyReservation(new Body.Streaming(stream, length), () -> false, () -> {});
        }
        SizeLimitedStream sizeLimited = new SizeLimitedStream(stream, atMost);
        return new BodyReservation(new Body.Streaming(sizeLimited, length), sizeLimited::exceeded, () -> {});
    }
}
