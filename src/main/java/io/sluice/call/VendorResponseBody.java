package io.sluice.call;

import io.sluice.BlockFilter;
import java.io.IOException;
import java.io.InputStream;

/**
 * A vendor's response body. When it is read to its end, its connection goes back to the pool. If it is closed before,
 * the connection is closed too: to read on to the end would hold it for no purpose.
 */
public class VendorResponseBody extends BlockFilter {
    private final Call call;
    private boolean ended;

    /** @param call the call that the response belongs to */
    public VendorResponseBody(InputStream body, Call call) {
        super(body);
        this.call = call;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int count = in.read(into, offset, length);
            if (count < 0) {
                end();
            }
            return count;
        } catch (IOException brokenOff) {
            end();
            throw brokenOff;
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
        call.attempts().finished();
    }
}
