package io.sluice.delivery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A vendor on HTTP that takes a call every 10 ms and answers it after 20 ms more; who calls sooner waits. It takes one event
 * or many in a call, and counts them.
 */
final class RatedVendor implements AutoCloseable {
    static final long CALLS_A_SECOND = 100;

    private static final long SLOT_NANOS = TimeUnit.SECONDS.toNanos(1) / CALLS_A_SECOND;
    private static final long ROUND_TRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final byte[] ANSWER = "{}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] EVENT = "\"action\":".getBytes(StandardCharsets.UTF_8);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong nextSlot = new AtomicLong(System.nanoTime());
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong events = new AtomicLong();

    RatedVendor() {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    long calls() {
        return calls.get();
    }

    long events() {
        return events.get();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            long slot = nextSlot.accumulateAndGet(System.nanoTime(), (last, now) -> Math.max(last + SLOT_NANOS, now));
            TimeUnit.NANOSECONDS.sleep(slot - System.nanoTime() + ROUND_TRIP_NANOS);
            calls.incrementAndGet();
            events.addAndGet(count(body));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, ANSWER.length);
            exchange.getResponseBody().write(ANSWER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int count(byte[] body) {
        int found = 0;
        for (int at = 0; at + EVENT.length <= body.length; at++) {
            int same = 0;
            while (same < EVENT.length && body[at + same] == EVENT[same]) {
                same++;
            }
            if (same == EVENT.length) {
                found++;
            }
        }
        return found;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
