package io.sluice.gateway;

import io.sluice.call.Body;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.concurrent.Semaphore;

/** Decides which request bodies are kept for a retry, and bounds what they weigh together. */
@Singleton
public class RequestBodies {
    private final int keptAtMost;
    private final Semaphore room;

    RequestBodies(GatewayConfig config) {
        this.keptAtMost = Math.toIntExact(config.bodies().kept().asLongValue());
        this.room = new Semaphore(Math.toIntExact(config.bodies().keptTogether().asLongValue()));
    }

    /** A body and the room it takes until the call is over. */
    record Held(Body body, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    /** Reads the body if it is small enough to keep; waits for the caller to send it. */
    Held read(HttpServerRequest request, InputStream stream) throws IOException {
        long length = length(request);
        if (length == 0) {
            return new Held(new Body.None(), () -> {});
        }
        int reserved = length > 0 && length < keptAtMost ? (int) length : keptAtMost;
        if (length > keptAtMost || !room.tryAcquire(reserved)) {
            return new Held(new Body.Passing(stream, length), () -> {});
        }
        boolean kept = false;
        try {
            byte[] start = stream.readNBytes(keptAtMost);
            int next = start.length < keptAtMost || length == keptAtMost ? -1 : stream.read();
            if (next < 0) {
                kept = true;
                int excess = reserved - start.length;
                room.release(excess);
                return new Held(new Body.Kept(start), () -> room.release(start.length));
            }
            InputStream begun = new SequenceInputStream(
                    new ByteArrayInputStream(start), new ByteArrayInputStream(new byte[] {(byte) next}));
            return new Held(new Body.Passing(new SequenceInputStream(begun, stream), length), () -> {});
        } finally {
            if (!kept) {
                room.release(reserved);
            }
        }
    }

    /** The length that the caller states, 0 if there is no body, or -1 if it does not say. */
    private static long length(HttpServerRequest request) {
        String stated = request.getHeader("Content-Length");
        if (stated != null) {
            return Long.parseLong(stated.trim());
        }
        return request.getHeader("Transfer-Encoding") == null
                        && request.version().alpnName().startsWith("http/1")
                ? 0
                : -1;
    }
}
