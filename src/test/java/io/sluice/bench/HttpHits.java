package io.sluice.bench;

import io.sluice.machine.FreePorts;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The second part of table 6: hits over HTTP, of the packaged Sluice in a process that has one core. */
final class HttpHits {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");
    /** The compiler has only the one core, too. */
    private static final long WARM_UP = TimeUnit.SECONDS.toNanos(60);

    private static final long MEASURED = TimeUnit.SECONDS.toNanos(10);
    private static final byte[] REQUEST = String.join(
                    "\r\n",
                    "GET /clerk/v1/users/user_sandbox_1 HTTP/1.1",
                    "Host: localhost",
                    "Authorization: Bearer dev-key",
                    "Clerk-API-Version: 2026-05-12",
                    "",
                    "")
            .getBytes(StandardCharsets.US_ASCII);

    private HttpHits() {}

    static String table() throws IOException, InterruptedException {
        StringBuilder table = new StringBuilder("""
                Hits over HTTP: `GET /clerk/v1/users/ID` of a user that is kept, answered by the packaged Sluice on the JVM in
                a process that is bound to one core, with team key, headers, metrics and all; the callers are on the other.
                Each connection asks again as soon as it is answered, so with many of them all wait for the core. Hits in the
                process alone are table 5. The goal is 30,000 hits a second and a p99 below 2 ms. The access log, where it is
                on, is written as JSON to a file, one line for each hit.

                """);
        if (!Files.exists(JAR)) {
            return table.append("Not measured: `./mvnw package` makes what is measured here.\n")
                    .toString();
        }
        table.append("| access log | connections | hits a second | p50 | p99 |\n|---|---|---|---|---|\n");
        measure(false, table);
        measure(true, table);
        return table.append('\n').toString();
    }

    private static void measure(boolean accessLog, StringBuilder table) throws IOException, InterruptedException {
        int port = FreePorts.next();
        Path log = Files.createTempFile("sluice-bench", ".log");
        Process sluice = start(port, log, accessLog);
        try {
            awaitReady(port, sluice, log);
            measure(port, 16, WARM_UP);
            for (int connections : new int[] {1, 4, 16, 64}) {
                table.append(accessLog ? "| on " : "| off ").append(measure(port, connections, MEASURED));
            }
            if (hasAccessLines(log) != accessLog) {
                throw new IllegalStateException("the access log should have been " + (accessLog ? "on" : "off"));
            }
        } finally {
            sluice.destroyForcibly().waitFor();
            Files.delete(log);
        }
    }

    private static boolean hasAccessLines(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.anyMatch(line -> line.contains("io.sluice.access"));
        }
    }

    private static Process start(int port, Path log, boolean accessLog) throws IOException {
        return new ProcessBuilder(
                        "taskset",
                        "-c",
                        "0",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dquarkus.profile=sandbox",
                        "-Dquarkus.http.host=localhost",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.host=localhost",
                        "-Dquarkus.management.port=" + FreePorts.next(),
                        "-Dquarkus.log.level=WARN",
                        "-Dquarkus.log.console.json.enabled=true",
                        "-Dsluice.access-log.enabled=" + accessLog,
                        "-Dquarkus.log.category.\"io.sluice.access\".level=INFO",
                        // So that what is measured are hits only.
                        "-Dsluice.clerk.cache.ttl=1h",
                        "-jar",
                        JAR.toAbsolutePath().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static void awaitReady(int port, Process sluice, Path log) throws IOException, InterruptedException {
        for (int tries = 0; tries < 1200 && sluice.isAlive(); tries++) {
            try (Connection connection = new Connection(port)) {
                connection.hit();
                return;
            } catch (IOException notYet) {
                sluice.waitFor(50, TimeUnit.MILLISECONDS);
            }
        }
        throw new IllegalStateException("Sluice did not start: " + Files.readString(log));
    }

    private static String measure(int port, int connections, long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        List<Future<long[]>> callers = new ArrayList<>();
        long hits = 0;
        List<long[]> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            for (int connection = 0; connection < connections; connection++) {
                callers.add(threads.submit(() -> hit(port, end)));
            }
            for (Future<long[]> caller : callers) {
                long[] latencies = caller.get();
                hits += latencies.length;
                all.add(latencies);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        long[] sorted = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "| %d | %,.0f | %.3f ms | %.3f ms |%n",
                connections,
                hits / (nanos / 1e9),
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.99)] / 1e6);
    }

    private static long[] hit(int port, long end) throws IOException {
        long[] latencies = new long[1 << 20];
        int count = 0;
        try (Connection connection = new Connection(port)) {
            for (long now = System.nanoTime(); now < end && count < latencies.length; ) {
                connection.hit();
                long after = System.nanoTime();
                latencies[count++] = after - now;
                now = after;
            }
        }
        return Arrays.copyOf(latencies, count);
    }

    /** One keep-alive connection that asks for the user. */
    private static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        Connection(int port) throws IOException {
            socket = new Socket("localhost", port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 16_384);
            out = socket.getOutputStream();
        }

        void hit() throws IOException {
            out.write(REQUEST);
            String status = line();
            if (!status.startsWith("HTTP/1.1 200")) {
                throw new IOException("it should be answered: " + status);
            }
            int length = 0;
            for (String line = line(); !line.isEmpty(); line = line()) {
                if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            in.skipNBytes(length);
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder(64);
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("the connection ended");
                }
                if (b != '\r') {
                    line.append((char) b);
                }
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
