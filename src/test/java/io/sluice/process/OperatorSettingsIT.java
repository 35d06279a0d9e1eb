package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.machine.Postgres;
import io.vertx.core.json.JsonObject;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pauses and changed limits of the packaged process outlive its crash, on either database. */
class OperatorSettingsIT {
    private static final String LIMITS = "/api/limits/fathom/default";

    @TempDir
    Path directory;

    @Test
    void a_pause_and_a_changed_limit_outlive_a_crash_with_sqlite() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            crashed(client, List.of()).close();
        }
    }

    @Test
    @SuppressWarnings("try") // the database is to be away
    void with_postgresql_too_and_without_it_a_pause_is_in_force_and_says_that_it_is_not_durable() throws Exception {
        try (EmbeddedPostgres postgres = Postgres.start();
                HttpClient client = HttpClient.newHttpClient()) {
            String database = "-Dquarkus.datasource.postgresql.";
            List<String> store = List.of(
                    "-Dsluice.store=postgresql",
                    database + "jdbc.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                    database + "username=postgres",
                    database + "password=postgres");
            try (SluiceProcess sluice = crashed(client, store)) {
                postgres.close();

                JsonObject paused = new JsonObject(send(client, sluice, "POST", LIMITS + "/pause", "{}"));

                assertThat(paused.getBoolean("paused")).isTrue();
                assertThat(paused.getBoolean("durable")).isFalse();
                assertThat(sluice.log()).contains("action=pause", "durable=false");
            }
        }
    }

    /** A process that was started after one that was killed had paused an account; the account is resumed in it. */
    private SluiceProcess crashed(HttpClient client, List<String> store) throws Exception {
        try (SluiceProcess before = start(store)) {
            awaitDatabase(before);
            send(client, before, "POST", LIMITS + "/pause", "{\"reason\":\"incident 4711\"}");
            send(client, before, "PUT", LIMITS + "/heavy", "{\"permits\":7,\"window_ms\":90000}");
            before.kill();
        }
        SluiceProcess after = start(store);
        awaitDatabase(after);
        JsonObject account = new JsonObject(send(client, after, "GET", LIMITS, ""));
        for (int tries = 0; tries < 100 && !account.getBoolean("paused") && !store.isEmpty(); tries++) {
            // A server's settings are read by the first poll.
            TimeUnit.MILLISECONDS.sleep(100);
            account = new JsonObject(send(client, after, "GET", LIMITS, ""));
        }
        assertThat(account.getBoolean("paused")).as(after.log()).isTrue();
        assertThat(account.getJsonObject("pause").getString("by")).isEqualTo("ops");
        assertThat(account.getJsonObject("pause").getString("reason")).isEqualTo("incident 4711");
        assertThat(account.fieldNames()).doesNotContain("durable");
        assertThat(account.getJsonArray("limits").stream().map(JsonObject.class::cast))
                .filteredOn(limit -> limit.getString("limit").equals("heavy"))
                .singleElement()
                .satisfies(limit -> assertThat(limit.getLong("permits")).isEqualTo(7))
                .satisfies(limit -> assertThat(limit.getLong("window_ms")).isEqualTo(90_000));
        JsonObject resumed = new JsonObject(send(client, after, "POST", LIMITS + "/resume", ""));
        assertThat(resumed.getBoolean("paused")).isFalse();
        return after;
    }

    private static void awaitDatabase(SluiceProcess sluice) throws Exception {
        for (int tries = 0; tries < 1_200 && !sluice.log().contains("its schema is up to date"); tries++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private SluiceProcess start(List<String> store) throws Exception {
        List<String> settings = new ArrayList<>(List.of(
                "-Dsluice.data-dir=" + directory.toAbsolutePath(),
                "-Dsluice.teams.ops.key-hash=2c69bc9111c27110a9b9a7974ba3f8ac0c053c16b23a0738115ee829fbc4d57b",
                "-Dsluice.teams.ops.admin=true",
                "-Dsluice.fathom.accounts.default.url=http://localhost:1",
                "-Dsluice.fathom.accounts.default.api-key=key"));
        settings.addAll(store);
        return SluiceProcess.start(settings.toArray(String[]::new)).ready();
    }

    private static String send(HttpClient client, SluiceProcess sluice, String method, String target, String body)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(sluice.uri(target)).header("Authorization", "Bearer ops-key");
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> response = client.send(
                request.method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body() + sluice.log()).isEqualTo(200);
        return response.body();
    }
}
