package io.sluice.gateway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A vendor that takes connections and neither reads nor answers; with an account {@code silent} at Clerk and at Customer.io
 * that leads to it. Thread-safe.
 *
 * <p>It is no behaviour of {@link StubVendor}, which reads a request before it decides: what matters here is how many bytes
 * stay with the sender, and how a connection ends that was never read from.
 */
public final class SilentVendor implements QuarkusTestResourceLifecycleManager {
    /** About how much the vendor's machine takes before the vendor reads, in bytes. */
    static final int RECEIVED = 4096;

    private final List<Socket> taken = new ArrayList<>(); // guarded by this
    private final ServerSocket server;

    public SilentVendor() {
        try {
            server = new ServerSocket();
            // A small one, so that what is sent to it stays with the sender.
            server.setReceiveBufferSize(RECEIVED);
            server.bind(new InetSocketAddress(InetAddress.getByName("localhost"), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Map<String, String> start() {
        Thread.ofVirtual().start(this::accept);
        String url = "http://localhost:" + server.getLocalPort();
        Map<String, String> config = new HashMap<>();
        config.put("sluice.clerk.accounts.silent.url", url);
        config.put("sluice.clerk.accounts.silent.secret-key", "sk_test_silent");
        config.put("sluice.customerio.accounts.silent.track-url", url);
        config.put("sluice.customerio.accounts.silent.site-id", "silent");
        config.put("sluice.customerio.accounts.silent.track-api-key", "silent");
        return config;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                synchronized (this) {
                    taken.add(socket);
                }
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /**
     * What a vendor finds when it reads at last.
     *
     * @param bytes how many the machine had received for it before
     * @param ending how it goes on after them
     */
    record Found(int bytes, Ending ending) {}

    enum Ending {
        RESET,
        CLOSED,
        OPEN
    }

    /** What the vendor finds of each connection since the last time. */
    synchronized List<Found> readAtLast() throws IOException {
        List<Found> found = new ArrayList<>();
        for (Socket socket : taken) {
            try (socket) {
                found.add(read(socket));
            }
        }
        taken.clear();
        return found;
    }

    private static Found read(Socket socket) throws IOException {
        socket.setSoTimeout(1_000);
        byte[] block = new byte[1 << 16];
        int bytes = 0;
        try {
            for (int read = 0; read >= 0; read = socket.getInputStream().read(block)) {
                bytes += read;
            }
            return new Found(bytes, Ending.CLOSED);
        } catch (SocketTimeoutException e) {
            return new Found(bytes, Ending.OPEN);
        } catch (SocketException e) {
            return new Found(bytes, Ending.RESET);
        }
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(SilentVendor.class));
    }

    @Override
    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
