package io.sluice.gateway;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A vendor's body on its way to the caller. Where the vendor breaks off, the caller's connection breaks too: a proper
 * end would pass a part for the whole.
 */
final class AnswerBody extends FilterInputStream {
    private final Runnable breakOff;

    AnswerBody(InputStream body, Runnable breakOff) {
        super(body);
        this.breakOff = breakOff;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        try {
            return in.read(into, offset, length);
        } catch (IOException brokenOff) {
            breakOff.run();
            return -1;
        }
    }
}
