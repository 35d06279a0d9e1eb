package io.sluice.http;

import io.sluice.BlockFilter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream of exactly n bytes of another one: no more, and if there are fewer, that is an error rather than the end.
 */
public final class ExactLengthStream extends BlockFilter {
    private long left;

    public ExactLengthStream(InputStream in, long length) {
        super(in);
        left = length;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException(left + " bytes are missing");
        }
        left -= count;
        return count;
    }
}
