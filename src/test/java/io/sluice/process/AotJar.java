package io.sluice.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The application in the layout of the container image, with an AOT cache that a process of its own records once: starting
 * from it takes half the processor time of a start of {@code quarkus-run.jar}.
 *
 * <p>The JVM uses a cache only with the jars and the garbage collector that it was recorded with, and otherwise says so in its
 * log and starts slowly.
 */
final class AotJar {
    /** A JVM ends when it has written its cache, which takes twice as long as the start did. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private static final Optional<List<String>> OPTIONS = Optional.ofNullable(System.getProperty("sluice.aot-jar"))
            .map(jar -> options(Path.of(jar).toAbsolutePath()));

    private AotJar() {}

    /**
     * The options of the JVM that start it, {@code -jar} among them; empty where the build made no such jar. The first call
     * waits until the cache is recorded.
     */
    static Optional<List<String>> options() {
        return OPTIONS;
    }

    private static List<String> options(Path jar) {
        Path cache = jar.resolveSibling("sluice.aot");
        try {
            // A cache older than its jar is of no use to the JVM.
            if (Files.notExists(cache)
                    || Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                record(jar, cache);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("while the AOT cache was recorded", e);
        }
        return List.of("-XX:AOTCache=" + cache, "-jar", jar.toString());
    }

    /** Records what a start, a scrape and some calls load. */
    private static void record(Path jar, Path cache) throws IOException, InterruptedException {
        Path recorded = cache.resolveSibling("recorded.aot");
        List<String> command = List.of("-XX:AOTCacheOutput=" + recorded, "-jar", jar.toString());
        try (SluiceProcess training = SluiceProcess.start(
                                Map.of(), command, List.of("-Dquarkus.profile=sandbox", "-Dsluice.store=sqlite"))
                        .ready();
                HttpClient client = HttpClient.newHttpClient()) {
            List<HttpRequest.Builder> calls = new ArrayList<>();
            calls.add(HttpRequest.newBuilder(training.management("/q/metrics")));
            for (String target :
                    List.of("/api/limits", "/api/exports", "/clari/v4/export/jobs", "/clerk/v1/users?limit=1")) {
                calls.add(HttpRequest.newBuilder(training.uri(target)).header("Authorization", "Bearer dev-key"));
            }
            for (HttpRequest.Builder call : calls) {
                int status = client.send(call.build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (status != 200) {
                    throw new AssertionError(
                            "status " + status + " while the AOT cache was recorded: " + training.log());
                }
            }
            training.terminate();
            if (!training.endedWithin(PATIENCE) || Files.notExists(recorded)) {
                throw new AssertionError("the JVM recorded no AOT cache: " + training.log());
            }
        }
        Files.move(recorded, cache, StandardCopyOption.REPLACE_EXISTING);
    }
}
