package io.sluice.call;

import io.sluice.BlockFilter;
import java.io.IOException;
import java.io.InputStream;

/**
 * A caller's request body that streams to the vendor. If the caller aborts it, the vendor's request is aborted first:
 * otherwise the client would end it properly, and the vendor would take a part for the whole.
 */
final class RequestBodyStream extends BlockFilter {
    private final Runnable atEnd;
    private final Runnable breakOff;

    /**
     * @param atEnd runs when the body has been read to its end, possibly more than once
     * @param breakOff runs when it ends before that
     */
    RequestBodyStream(InputStream body, Runnable atEnd, Runnable breakOff) {
        super(body);
        this.atEnd = atEnd;
        this.breakOff = breakOff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int read = in.read(into, offset, length);
            if (read < 0) {
                atEnd.run();
            }
            return read;
        } catch (IOException e) {
            breakOff.run();
            throw e;
        }
    }
}
