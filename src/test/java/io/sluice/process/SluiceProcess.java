package io.sluice.process;

import io.sluice.machine.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Sluice as it is deployed, in a process of its own, on free ports: the jar of the container image with an AOT cache, or the
 * packaged one.
 */
final class SluiceProcess implements AutoCloseable {
    /** A start takes seconds, on a machine that is busy with other tests a minute and more. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Process process;
    private final Path directory;
    private final int port;
    private final int managementPort;

    private SluiceProcess(Process process, Path directory, int port, int managementPort) {
        this.process = process;
        this.directory = directory;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** Starts one; {@code settings} are options of the JVM, such as {@code -Dsluice.mode=single}. */
    static SluiceProcess start(String... settings) throws IOException {
        return start(Map.of(), settings);
    }

    /** Starts one with more in its environment. */
    static SluiceProcess start(Map<String, String> environment, String... settings) throws IOException {
        return start(environment, AotJar.options().orElseGet(SluiceProcess::packaged), List.of(settings));
    }

    /** Starts {@code quarkus-run.jar} with no cache beside it, as README's command does. */
    static SluiceProcess startPackaged(Map<String, String> environment, String... settings) throws IOException {
        return start(environment, packaged(), List.of(settings));
    }

    private static List<String> packaged() {
        return packaged(Path.of(Objects.requireNonNull(System.getProperty("sluice.jar"), "sluice.jar")));
    }

    private static List<String> packaged(Path jar) {
        return List.of("-jar", jar.toAbsolutePath().toString());
    }

    /** Starts one of another version, packaged in {@code jar}. */
    static SluiceProcess start(Path jar, Map<String, String> environment, String... settings) throws IOException {
        return start(environment, packaged(jar), List.of(settings));
    }

    /** Starts one; {@code application} are the options that name it, {@code -jar} the last but one. */
    static SluiceProcess start(Map<String, String> environment, List<String> application, List<String> settings)
            throws IOException {
        int port = FreePorts.next();
        int managementPort = FreePorts.next();
        Path directory = Files.createTempDirectory("sluice");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Ready soon, rather than fast later.
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        command.add("-Dquarkus.http.host=localhost");
        command.add("-Dquarkus.http.port=" + port);
        command.add("-Dquarkus.management.host=localhost");
        command.add("-Dquarkus.management.port=" + managementPort);
        // The tests count what the vendors get.
        command.add("-Dsluice.credential-check.enabled=false");
        command.addAll(settings);
        command.addAll(application);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        return new SluiceProcess(process, directory, port, managementPort);
    }

    URI uri(String target) {
        return URI.create("http://localhost:" + port + target);
    }

    /** An address at its management interface: health and metrics. */
    URI management(String target) {
        return URI.create("http://localhost:" + managementPort + target);
    }

    /** Waits until it answers. */
    SluiceProcess ready() throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest probe =
                    HttpRequest.newBuilder(management("/q/health/ready")).build();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end && process.isAlive()) {
                try {
                    if (client.send(probe, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200) {
                        return this;
                    }
                } catch (IOException notYet) {
                    // Nothing listens yet.
                }
                process.waitFor(50, TimeUnit.MILLISECONDS);
            }
        }
        throw new AssertionError("it did not start: " + log());
    }

    /**
     * Waits for a while.
     *
     * @return whether the process ended meanwhile
     */
    boolean endedWithin(Duration wait) throws InterruptedException {
        return process.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for the end, and tells the exit code. */
    int ended() throws InterruptedException, IOException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it did not end: " + log());
        }
        return process.exitValue();
    }

    /** The most memory that it ever had, in bytes; empty where the system does not tell. */
    OptionalLong peakMemory() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                        .findFirst()
                : OptionalLong.empty();
    }

    /** Asks it to end, as Kubernetes does. */
    void terminate() {
        process.destroy();
    }

    /** Stops it for a while, as a machine does that is moved or has no memory left. */
    void sleep(Duration asleep) throws IOException, InterruptedException {
        signal("STOP");
        process.waitFor(asleep.toMillis(), TimeUnit.MILLISECONDS);
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        // The shell's own kill: not every machine has another.
        int exit = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("no signal " + name + ", exit code " + exit);
        }
    }

    /** Ends it as a power cut does, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** A file that it has written, seen from the folder that it was started in. */
    Path file(String name) {
        return directory.resolve(name);
    }

    String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            try (var files = Files.walk(directory)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
