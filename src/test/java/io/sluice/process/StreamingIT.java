package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Bodies far larger than the heap pass in both directions, and the process ends when it is told to. */
@Order(2)
@SuppressWarnings("NullAway.Init") // filled before the first test
class StreamingIT {
    private static final long BYTES = 300L << 20;

    private static SluiceProcess sluice;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        sluice = SluiceProcess.startPackaged(Map.of(), "-Xmx128m", "-Dquarkus.profile=sandbox")
                .ready();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        sluice.close();
    }

    @Test
    void a_download_larger_than_the_heap_passes_byte_for_byte() throws Exception {
        HttpResponse<InputStream> answer = client.send(
                HttpRequest.newBuilder(sluice.uri("/clerk/v1/sandbox-big?bytes=" + BYTES))
                        .header("Authorization", "Bearer dev-key")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());

        assertThat(answer.statusCode()).isEqualTo(200);
        try (InputStream body = answer.body()) {
            assertThat(GeneratedBytes.sha256(body)).isEqualTo(GeneratedBytes.sha256(BYTES));
        }
        assertThat(sluice.log()).doesNotContain("OutOfMemoryError");
    }

    @Test
    void an_upload_larger_than_the_heap_passes_byte_for_byte() throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(sluice.uri("/clerk/v1/sandbox-big"))
                        .header("Authorization", "Bearer dev-key")
                        .POST(HttpRequest.BodyPublishers.fromPublisher(
                                HttpRequest.BodyPublishers.ofInputStream(() -> new GeneratedBytes(BYTES)), BYTES))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"bytes\":" + BYTES, GeneratedBytes.sha256(BYTES));
        assertThat(sluice.log()).doesNotContain("OutOfMemoryError");
    }

    @Test
    void it_ends_in_time_when_it_is_told_to() throws Exception {
        try (SluiceProcess another = SluiceProcess.startPackaged(Map.of(), "-Dquarkus.profile=sandbox")
                .ready()) {
            another.terminate();

            // 143 is 128 and SIGTERM: the JVM ran its shutdown hooks.
            assertThat(another.ended()).isIn(0, 143);
            assertThat(another.log()).contains("stopped in");
        }
    }
}
