package io.sluice.http;

import io.sluice.BlockFilter;
import java.io.IOException;
import java.io.InputStream;

/** A size-limited request body: it ends with an error where it grows too large, and keeps that as a flag. */
final class SizeLimitedStream extends BlockFilter {
    private long left;
    private volatile boolean exceeded; // read by another thread than the one that reads the stream

    SizeLimitedStream(InputStream body, long atMost) {
        super(body);
        this.left = atMost;
    }

    /** Returns true if the body was larger than it may be. */
    boolean exceeded() {
        return exceeded;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = in.read(into, offset, length);
        if (count > left) {
            exceeded = true;
            throw new IOException("the body is larger than it may be");
        }
        left -= Math.max(0, count);
        return count;
    }
}
