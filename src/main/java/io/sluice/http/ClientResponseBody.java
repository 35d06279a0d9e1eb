package io.sluice.http;

import io.sluice.call.Call;
import io.sluice.call.VendorResponseBody;
import java.io.IOException;
import java.io.InputStream;

/**
 * A vendor's response body that streams to the caller of a mount. If the vendor aborts it, the caller's connection is
 * closed too: a proper end would make a part look whole.
 */
public final class ClientResponseBody extends VendorResponseBody {
    private final Runnable breakOff;

    /**
     * @param breakOff closes the caller's connection
     * @param call the call that the response belongs to
     */
    public ClientResponseBody(InputStream body, Runnable breakOff, Call call) {
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
