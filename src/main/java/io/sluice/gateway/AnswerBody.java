package io.sluice.gateway;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A vendor's body on its way to the caller. Where the vendor breaks off, the caller's connection breaks too: a proper
 * end would pass a part for the whole. Where the caller leaves, the vendor's connection is closed: to read on to the end
 * would hold it for nobody.
 */
final class AnswerBody extends FilterInputStream {
    private final Runnable breakOff;
    private final Runnable leave;
    private boolean ended;

    /**
     * @param breakOff closes the caller's connection
     * @param leave closes the vendor's
     */
    AnswerBody(InputStream body, Runnable breakOff, Runnable leave) {
        super(body);
        this.breakOff = breakOff;
        this.leave = leave;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        try {
            int count = in.read(into, offset, length);
            ended |= count < 0;
            return count;
        } catch (IOException brokenOff) {
            ended = true;
            breakOff.run();
            return -1;
        }
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            leave.run();
        }
        super.close();
    }
}
