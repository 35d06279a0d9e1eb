package io.sluice.sandbox.http;

import io.vertx.core.buffer.Buffer;

/** An endless generated file whose bytes a test can verify: its eight-byte words, big-endian, count up from zero. */
final class GeneratedBytes {
    static final int CHUNK = 64 * 1024;

    private GeneratedBytes() {}

    /** At most {@link #CHUNK} bytes from {@code offset}, a multiple of eight, of a file of {@code length} bytes. */
    static Buffer chunk(long offset, long length) {
        int size = (int) Math.min(CHUNK, length - offset);
        Buffer chunk = Buffer.buffer(CHUNK);
        for (int at = 0; at < size; at += Long.BYTES) {
            chunk.appendLong((offset + at) / Long.BYTES);
        }
        return chunk.length() == size ? chunk : chunk.slice(0, size);
    }
}
