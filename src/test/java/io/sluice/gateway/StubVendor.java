package io.sluice.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in for a vendor on HTTP: it keeps every byte it is sent, and answers with exactly the bytes it is told to, late,
 * cut off or not at all. Without orders it answers {@code 200 {}}, or what its {@link Behaviour} says. Thread-safe.
 */
public final class StubVendor implements AutoCloseable {
    private final ServerSocket server;
    private final ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Received> received = new ArrayList<>(); // guarded by this
    private final Queue<Answer> answers = new ArrayDeque<>(); // guarded by this
    private final Map<String, Answer> standing = new HashMap<>(); // guarded by this; by method and target
    private final Behaviour usual;
    private final boolean keeping;

    private StubVendor(ServerSocket server, Behaviour usual, boolean keeping) {
        this.server = server;
        this.usual = usual;
        this.keeping = keeping;
    }

    /** What the vendor does with a request that there is no order for. Called by many threads at once. */
    @FunctionalInterface
    public interface Behaviour {
        /** The answer; it is sent when this returns, which may be later. */
        Answer answer(Received request) throws InterruptedException;
    }

    /** Starts one on a free port. */
    public static StubVendor start() {
        return start(request -> answer(200, "{}", "Content-Type: application/json"), true);
    }

    /** Starts one that behaves so, and keeps nothing of what it is sent: for the load of a benchmark. */
    public static StubVendor start(Behaviour usual) {
        return start(usual, false);
    }

    private static StubVendor start(Behaviour usual, boolean keeping) {
        try {
            StubVendor vendor =
                    new StubVendor(new ServerSocket(0, 1000, InetAddress.getLoopbackAddress()), usual, keeping);
            vendor.connections.execute(vendor::accept);
            return vendor;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request as it arrived. */
    public record Received(String line, List<String> headers, String body) {
        /** The values of a header, in the order they came. */
        public List<String> values(String name) {
            return Http.values(headers, name);
        }

        public String target() {
            return line.split(" ", -1)[1];
        }

        public String method() {
            return line.split(" ", -1)[0];
        }

        /** Everything that came before the body. */
        String head() {
            return line + "\n" + String.join("\n", headers);
        }
    }

    /**
     * What to do with a request.
     *
     * @param bytes what to write, from the status line on
     * @param ending what then becomes of the connection
     * @param after what to wait for first
     */
    public record Answer(
            String bytes, Ending ending, @Nullable CountDownLatch after) {
        /** The same answer, once the gate opens. */
        public Answer heldBy(CountDownLatch gate) {
            return new Answer(bytes, ending, gate);
        }
    }

    public enum Ending {
        KEPT,
        CLOSED,
        RESET
    }

    /** An answer with a length. */
    public static Answer answer(int status, String body, String... headers) {
        String lines = List.of(headers).stream().map(line -> line + "\r\n").collect(Collectors.joining());
        String length = "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n";
        return raw("HTTP/1.1 " + status + " Whatever\r\n" + lines + length + "\r\n" + body);
    }

    /** An answer of exactly these bytes. */
    static Answer raw(String bytes) {
        return new Answer(bytes, Ending.KEPT, null);
    }

    /** These bytes, and then no more. */
    static Answer cut(String bytes) {
        return new Answer(bytes, Ending.CLOSED, null);
    }

    /** No answer at all. */
    static Answer lost() {
        return new Answer("", Ending.RESET, null);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** The address of {@code target}, a path with its query. */
    public URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port() + target);
    }

    /** Answers the next requests so, one each. */
    synchronized void answers(Answer... next) {
        answers.addAll(List.of(next));
    }

    /**
     * Answers each request of that method and target so, however often it comes and whoever else calls meanwhile: an answer
     * of {@link #answers} goes to the next request, which on a slow machine may be another one, or the first try of two.
     */
    public synchronized void always(String method, String target, Answer answer) {
        standing.put(method + " " + target, answer);
    }

    /** Forgets what came and what was to be answered. */
    public synchronized void reset() {
        received.clear();
        answers.clear();
        standing.clear();
    }

    /** What came since the last reset. */
    public synchronized List<Received> received() {
        return List.copyOf(received);
    }

    /** The one request that came. */
    Received only() {
        List<Received> all = received();
        if (all.size() != 1) {
            throw new AssertionError("one request should have come: " + all);
        }
        return all.getFirst();
    }

    /** Waits until that many requests have come. */
    synchronized void awaitReceived(int count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (received.size() < count) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError(count + " requests should have come: " + received);
            }
            wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections.shutdownNow();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.execute(() -> serve(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String line = Http.line(in); !line.isEmpty(); line = Http.line(in)) {
                List<String> headers = Http.headers(in);
                String body = Http.requestBody(in, headers);
                Received request = new Received(line, headers, body);
                Answer ordered = take(request);
                Answer answer = ordered == null ? usual.answer(request) : ordered;
                if (answer.after() != null) {
                    answer.after().await();
                }
                socket.getOutputStream().write(answer.bytes().getBytes(StandardCharsets.UTF_8));
                socket.getOutputStream().flush();
                if (answer.ending() == Ending.RESET) {
                    socket.setSoLinger(true, 0);
                }
                if (answer.ending() != Ending.KEPT) {
                    return;
                }
            }
        } catch (IOException e) {
            return; // the caller has left, which is its right
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps a request, and returns what it is to be answered; null without an order. */
    private synchronized @Nullable Answer take(Received request) {
        if (keeping) {
            received.add(request);
            notifyAll();
        }
        Answer always = standing.get(request.method() + " " + request.target());
        return always == null ? answers.poll() : always;
    }

    /** Just enough HTTP/1.1 to see and say everything. */
    static final class Http {
        private Http() {}

        /** A line without its end; empty at the end of the stream too. */
        static String line(InputStream in) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
                line.write(b);
            }
            String text = line.toString(StandardCharsets.ISO_8859_1);
            return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        }

        static List<String> headers(InputStream in) throws IOException {
            List<String> headers = new ArrayList<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                headers.add(line);
            }
            return headers;
        }

        static List<String> values(List<String> headers, String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .toList();
        }

        static String requestBody(InputStream in, List<String> headers) throws IOException {
            return framed(headers) ? body(in, headers) : "";
        }

        /** A body that ends where its headers say, or else with the connection. */
        static String body(InputStream in, List<String> headers) throws IOException {
            if (!values(headers, "Transfer-Encoding").isEmpty()) {
                return chunks(in);
            }
            List<String> length = values(headers, "Content-Length");
            byte[] bytes = length.isEmpty() ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length.getFirst()));
            if (!length.isEmpty() && bytes.length < Integer.parseInt(length.getFirst())) {
                throw new CutException(bytes.length);
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }

        private static boolean framed(List<String> headers) {
            return !values(headers, "Transfer-Encoding").isEmpty()
                    || !values(headers, "Content-Length").isEmpty();
        }

        private static String chunks(InputStream in) throws IOException {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (true) {
                String size = line(in);
                if (size.isEmpty()) {
                    throw new CutException(body.size());
                }
                int length = Integer.parseInt(size.split(";", -1)[0].strip(), 16);
                byte[] chunk = in.readNBytes(length);
                if (chunk.length < length) {
                    throw new CutException(body.size());
                }
                body.writeBytes(chunk);
                line(in);
                if (length == 0) {
                    return body.toString(StandardCharsets.UTF_8);
                }
            }
        }
    }

    /** A body ended before the end that was announced. */
    static final class CutException extends IOException {
        CutException(int bytes) {
            super("the body ended after " + bytes + " bytes");
        }
    }
}
