package io.sluice.call;

import io.sluice.BlockFilter;
import java.io.IOException;
import java.io.InputStream;

/**
 * A caller's body on its way to the vendor. Where the caller breaks off, the vendor's request is broken off first: the
 * client would end it properly, and the vendor take a part for the whole.
 */
final class CallersStream extends BlockFilter {
    private final Runnable breakOff;

    CallersStream(InputStream body, Runnable breakOff) {
        super(body);
        this.breakOff = breakOff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            return in.read(into, offset, length);
        } catch (IOException e) {
            breakOff.run();
            throw e;
        }
    }
}
