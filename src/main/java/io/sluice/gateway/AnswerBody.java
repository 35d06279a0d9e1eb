package io.sluice.gateway;

import io.sluice.call.Call;
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
    private final Call call;
    private boolean ended;

    /**
     * @param breakOff closes the caller's connection
     * @param call whose answer it is
     */
    AnswerBody(InputStream body, Runnable breakOff, Call call) {
        super(body);
        this.breakOff = breakOff;
        this.call = call;
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
            if (count < 0) {
                end();
            }
            return count;
        } catch (IOException brokenOff) {
            end();
            breakOff.run();
            return -1;
        }
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            call.abandon();
        }
        super.close();
    }

    private void end() {
        ended = true;
        call.finished();
    }
}
