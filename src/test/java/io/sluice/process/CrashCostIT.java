package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kill costs each limit its reserve and no more: nobody is refused after it. */
class CrashCostIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** A limit over no more is not saved, and counts as used up for that long. */
    private static final long LONGEST_UNSAVED_MS = 2_000;

    private static final Map<String, Long> SENT = Map.of("instance", 2L, "invitations", 2L);
    private static final List<String> OF_INVITATIONS =
            List.of("invitations", "invitations-bulk", "organization-invitations", "organization-invitations-bulk");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path directory;

    @Test
    void two_calls_and_a_kill_cost_each_limit_its_reserve_at_most() throws Exception {
        try (Vendors vendors = Vendors.start()) {
            List<String> settings = new ArrayList<>(vendors.settings());
            settings.add("-Dsluice.data-dir=" + directory.toAbsolutePath());
            try (SluiceProcess sluice =
                    SluiceProcess.start(settings.toArray(String[]::new)).ready()) {
                assertThat(invite(sluice, "one").statusCode()).isEqualTo(200);
                assertThat(invite(sluice, "two").statusCode()).isEqualTo(200);
                sluice.kill();
            }

            try (SluiceProcess sluice =
                    SluiceProcess.start(settings.toArray(String[]::new)).ready()) {
                checkLimits(sluice, "clerk");
                checkLimits(sluice, "clari");
                HttpResponse<String> third = invite(sluice, "three");
                assertThat(third.statusCode()).as(third.body()).isEqualTo(200);
                assertThat(sluice.log())
                        .contains("budget restored: account=clerk/default cause=crashed age_ms=")
                        .contains("clock=")
                        .containsPattern("invitations\\.used=[234]/100 ")
                        .doesNotContain("\"status\":429");
            }
        }
    }

    @Test
    void a_folder_is_not_shared_by_two_processes() throws Exception {
        try (Vendors vendors = Vendors.start()) {
            List<String> settings = new ArrayList<>(vendors.settings());
            settings.add("-Dsluice.data-dir=" + directory.toAbsolutePath());
            try (SluiceProcess first =
                            SluiceProcess.start(settings.toArray(String[]::new)).ready();
                    SluiceProcess second = SluiceProcess.start(settings.toArray(String[]::new))) {
                assertThat(second.ended()).isNotZero();
                assertThat(second.log())
                        .contains("sluice.data-dir: cannot keep the budgets in", "another process has locked it")
                        .doesNotContain("\tat io.");
                assertThat(invite(first, "one").statusCode()).isEqualTo(200);
            }
        }
    }

    private HttpResponse<String> invite(SluiceProcess sluice, String who) throws IOException, InterruptedException {
        return client.send(
                request(sluice, "/clerk/v1/invitations")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"email_address\":\"" + who + "@example.com\"}"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(SluiceProcess sluice, String target) {
        return HttpRequest.newBuilder(sluice.uri(target))
                .header("Authorization", "Bearer " + Vendors.key("dev"))
                .timeout(Duration.ofSeconds(30));
    }

    private void checkLimits(SluiceProcess sluice, String vendor) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                request(sluice, "/api/limits/" + vendor + "/default").build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        List<String> checked = new ArrayList<>();
        for (JsonNode limit : JSON.readTree(answer.body()).path("limits")) {
            long permits = limit.path("permits").asLong();
            long reserve = Math.max(1, Math.ceilDiv(permits, 50));
            String name = limit.path("limit").asText();
            if (limit.path("window_ms").asLong() > LONGEST_UNSAVED_MS) {
                checked.add(name);
                assertThat(limit.path("used").asLong())
                        .as("used of %s", limit)
                        .isLessThanOrEqualTo(SENT.getOrDefault(name, 0L) + reserve);
            }
        }
        assertThat(checked).isNotEmpty();
        if (vendor.equals("clerk")) {
            assertThat(checked).containsAll(OF_INVITATIONS);
        }
    }
}
