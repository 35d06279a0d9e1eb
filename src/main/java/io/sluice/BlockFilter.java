package io.sluice;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that filters what is read from another one, block by block. Reading one byte, and skipping, are made of
 * {@link #read(byte[], int, int)}, so that no byte bypasses the filter; mark and reset are not supported.
 */
public abstract class BlockFilter extends FilterInputStream {
    private static final int BLOCK = 8_192;

    protected BlockFilter(InputStream in) {
        super(in);
    }

    @Override
    public abstract int read(byte[] into, int offset, int length) throws IOException;

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public final long skip(long count) throws IOException {
        int length = Math.clamp(count, 0, BLOCK);
        return length == 0 ? 0 : Math.max(0, read(new byte[length], 0, length));
    }

    @Override
    public final boolean markSupported() {
        return false;
    }
}
