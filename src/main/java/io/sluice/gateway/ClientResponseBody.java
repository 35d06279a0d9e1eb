package io.sluice.gateway;

import io.sluice.call.Call;
import io.sluice.call.VendorResponseBody;
import java.io.IOException;
import java.io.InputStream;

/**
 * A vendor's body on its way to the caller of a mount. Where the vendor breaks off, the caller's connection breaks too: a
 * proper end would pass a part for the whole.
 */
final class ClientResponseBody extends VendorResponseBody {
    private final Runnable breakOff;

    /**
     * @param breakOff closes the caller's connection
     * @param call whose answer it is
     */
    ClientResponseBody(InputStream body, Runnable breakOff, Call call) {
        super(body, call);
        this.breakOff = breakOff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        try {
            return super.read(into, offset, length);
        } catch (IOException brokenOff) {
            breakOff.run();
            return -1;
        }
    }
}
