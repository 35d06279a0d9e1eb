package io.sluice.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** An export whose result is far larger than the heap, made and downloaded by the packaged process. */
public final class BigExport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private BigExport() {}

    /**
     * What came of it.
     *
     * @param part as it is shown when it is done
     * @param sha256 of what was downloaded
     * @param peakMemory the most that the process ever had, in bytes, heap or not; empty where the system does not tell
     */
    public record Made(JsonNode part, String sha256, Duration export, Duration download, OptionalLong peakMemory) {}

    /** Makes one, with a heap of 128 MB. */
    public static Made make(long bytes, Path directory) throws IOException, InterruptedException {
        try (Vendors vendors = Vendors.start();
                // Its peak of memory is told, to which a cache would add.
                SluiceProcess sluice = SluiceProcess.startPackaged(
                                Map.of(),
                                Stream.concat(
                                                vendors.settings().stream(),
                                                Stream.of("-Xmx128m", "-Dsluice.data-dir=" + directory))
                                        .toArray(String[]::new))
                        .ready();
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            long begin = System.nanoTime();
            HttpResponse<String> ordered = client.send(
                    request(sluice, "/api/exports")
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("""
                                    {"vendor":"clari","forecast":"big-%d","periods":["2026_Q1"]}""".formatted(bytes)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (ordered.statusCode() != 202) {
                throw new AssertionError(ordered.body());
            }
            JsonNode part = done(
                    client, sluice, JSON.readTree(ordered.body()).path("id").asText(), begin);
            long done = System.nanoTime();
            String sha256;
            try (InputStream file = client.send(
                            request(sluice, part.path("result").asText()).build(),
                            HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                sha256 = GeneratedBytes.sha256(file);
            }
            Duration download = Duration.ofNanos(System.nanoTime() - done);
            if (sluice.log().contains("OutOfMemoryError")) {
                throw new AssertionError(sluice.log());
            }
            return new Made(part, sha256, Duration.ofNanos(done - begin), download, sluice.peakMemory());
        }
    }

    private static JsonNode done(HttpClient client, SluiceProcess sluice, String export, long begin)
            throws IOException, InterruptedException {
        while (true) {
            JsonNode seen = JSON.readTree(
                    client.send(request(sluice, "/api/exports/" + export).build(), HttpResponse.BodyHandlers.ofString())
                            .body());
            if (seen.path("state").asText().equals("done")) {
                return seen.at("/parts/0");
            }
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new AssertionError(seen.toPrettyString() + sluice.log());
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private static HttpRequest.Builder request(SluiceProcess sluice, String target) {
        return HttpRequest.newBuilder(sluice.uri(target)).header("Authorization", "Bearer " + Vendors.key("dev"));
    }
}
