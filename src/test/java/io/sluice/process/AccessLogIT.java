package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The access log of the packaged jar in production, where the log is JSON. */
class AccessLogIT {
    private static final String TEAM =
            "-Dsluice.teams.a.key-hash=7e9f8fd111802be56c379d597842e29b2cebd35ff2133d431a49fa556a18704e";
    private static final String SECRET = "sk_live_never-shown";
    private static final String ID = "user_49f0c1";

    @Test
    void a_line_is_a_json_object_with_fields_of_its_own() throws Exception {
        JsonObject line = lines("-Dsluice.access-log.enabled=true").getFirst();

        assertThat(line.getString("loggerName")).isEqualTo("io.sluice.access");
        assertThat(line.getString("level")).isEqualTo("INFO");
        assertThat(line.getString("team")).isEqualTo("a");
        assertThat(line.getString("vendor")).isEqualTo("clerk");
        assertThat(line.getString("account")).isEqualTo("default");
        assertThat(line.getString("route")).isEqualTo("/clerk/v1/users/{user_id}");
        assertThat(line.getValue("status")).isEqualTo(502);
        assertThat(line.getString("outcome")).isEqualTo("unreachable");
        assertThat(line.getValue("attempts")).isInstanceOf(Integer.class);
        assertThat(line.encode()).doesNotContain(ID).doesNotContain(SECRET).doesNotContain("dev-key");
    }

    @Test
    void it_can_be_switched_off() throws Exception {
        assertThat(lines("-Dsluice.access-log.enabled=false")).isEmpty();
    }

    /** The access lines of a process that has passed one call on, to a vendor that is not there. */
    private static List<JsonObject> lines(String setting) throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                        TEAM,
                        "-Dsluice.clerk.accounts.default.secret-key=" + SECRET,
                        "-Dsluice.clerk.accounts.default.url=http://localhost:1",
                        setting)
                .ready()) {
            try (HttpClient client = HttpClient.newHttpClient()) {
                client.send(
                        HttpRequest.newBuilder(sluice.uri("/clerk/v1/users/" + ID + "?q=" + ID))
                                .header("Authorization", "Bearer dev-key")
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
            }
            sluice.terminate();
            assertThat(sluice.endedWithin(Duration.ofMinutes(1))).isTrue();
            return sluice.log()
                    .lines()
                    .filter(line -> line.contains("\"io.sluice.access\""))
                    .map(JsonObject::new)
                    .toList();
        }
    }
}
