package io.sluice.machine;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that a test starts in another process. They lie below those that a system gives to whoever binds to port 0 or
 * connects to somebody (from 32768 on Linux, from 49152 elsewhere), and none is handed out again before all others are: so nobody
 * takes one between here and the server's start, or while the server is stopped for a while. Thread-safe.
 */
public final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int END = 32_768;
    /** Far enough apart for what tests of two processes with neighbouring ids start; has no divisor in common with the range. */
    private static final int STRIDE = 1_009;

    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * STRIDE % (END - FIRST)));

    private FreePorts() {}

    /**
     * The next port that nobody listens on.
     *
     * @throws IOException if there is none
     */
    public static int next() throws IOException {
        IOException last = new IOException("no port is free from " + FIRST + " to " + (END - 1));
        for (int tries = 0; tries < END - FIRST; tries++) {
            int port = FIRST + NEXT.getAndUpdate(offset -> (offset + 1) % (END - FIRST));
            // On all addresses, so that a listener on any of them is in the way.
            try (ServerSocket free = new ServerSocket(port, 1)) {
                return free.getLocalPort();
            } catch (IOException taken) {
                last.addSuppressed(taken);
            }
        }
        throw last;
    }
}
