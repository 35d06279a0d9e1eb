package io.sluice.sandbox;

import static io.sluice.sandbox.SandboxServer.FATHOM;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sandbox.http.Json;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FathomStandInTest {
    private static final String V1 = "/sandbox/fathom/external/v1";

    private final SandboxServer sandbox = SandboxServer.start();

    @AfterEach
    void stop() {
        sandbox.close();
    }

    @Test
    void cursors_lead_through_all_meetings_once() {
        List<Long> seen = new ArrayList<>();
        String target = V1 + "/meetings";
        while (target != null) {
            JsonObject page = sandbox.get(target, FATHOM).json();
            page.getJsonArray("items").forEach(item -> seen.add(((JsonObject) item).getLong("recording_id")));
            String cursor = page.getString("next_cursor");
            target = cursor == null ? null : V1 + "/meetings?cursor=" + cursor;
        }

        assertThat(seen).hasSize(35).doesNotHaveDuplicates().isSortedAccordingTo((a, b) -> Long.compare(b, a));
    }

    @Test
    void teams_are_filtered_by_repeated_bracketed_names() {
        JsonObject page = sandbox.get(V1 + "/meetings?teams%5B%5D=Sales&teams%5B%5D=CS", FATHOM)
                .json();

        assertThat(page.getJsonArray("items").stream()
                        .map(item ->
                                ((JsonObject) item).getJsonObject("recorded_by").getString("team"))
                        .distinct())
                .containsExactlyInAnyOrder("Sales", "CS");
        assertThat(sandbox.get(V1 + "/meetings?created_after=soon", FATHOM).status())
                .isEqualTo(400);
        assertThat(sandbox.get(V1 + "/meetings?cursor=%21", FATHOM).status()).isEqualTo(400);
    }

    @Test
    void heavy_calls_have_their_own_smaller_limit_that_headers_show() {
        SandboxServer.Reply light = sandbox.get(V1 + "/meetings", FATHOM);
        SandboxServer.Reply heavy = sandbox.get(V1 + "/meetings?include_transcript=true", FATHOM);

        assertThat(light.header("RateLimit-Limit")).isEqualTo("60");
        assertThat(light.header("RateLimit-Remaining")).isEqualTo("59");
        assertThat(heavy.header("RateLimit-Limit")).isEqualTo("30");
        assertThat(heavy.header("RateLimit-Remaining")).isEqualTo("29");
        assertThat(light.header("RateLimit-Reset")).isEqualTo("40");
    }

    @Test
    void the_heavy_limit_can_be_lowered_at_run_time() {
        sandbox.send("PUT", "/sandbox/limits/fathom/heavy", Json.of("permits", 5));
        for (int i = 1; i <= 5; i++) {
            assertThat(sandbox.get(V1 + "/recordings/70000" + i + "/transcript", FATHOM)
                            .status())
                    .isEqualTo(200);
        }

        SandboxServer.Reply refused = sandbox.get(V1 + "/recordings/700001/summary", FATHOM);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("40");
        assertThat(refused.header("RateLimit-Limit")).isEqualTo("5");
        assertThat(sandbox.get(V1 + "/meetings", FATHOM).status()).isEqualTo(200);
    }

    @Test
    void downloads_are_made_in_the_background() {
        String recording = V1 + "/recordings/700001";
        SandboxServer.Reply asked = sandbox.post(recording + "/download", "{}", FATHOM);
        String status = recording + "/downloads/" + asked.json().getString("download_id");

        assertThat(asked.status()).isEqualTo(202);
        assertThat(sandbox.get(status, FATHOM).json().getString("status")).isEqualTo("processing");
        sandbox.advance(Duration.ofSeconds(3));
        assertThat(sandbox.get(status, FATHOM).json().getString("status")).isEqualTo("completed");
        sandbox.advance(Duration.ofHours(24));
        assertThat(sandbox.get(status, FATHOM).json().getString("status")).isEqualTo("expired");
    }

    @Test
    void unknown_recordings_and_wrong_keys_have_no_body() {
        assertThat(sandbox.get(V1 + "/recordings/1/summary", FATHOM).status()).isEqualTo(404);
        assertThat(sandbox.get(V1 + "/meetings", "X-Api-Key: other").status()).isEqualTo(401);
        assertThat(sandbox.get(V1 + "/meetings", "Authorization: Bearer sandbox-fathom-key")
                        .status())
                .isEqualTo(200);
    }
}
