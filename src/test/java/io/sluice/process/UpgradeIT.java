package io.sluice.process;

import static io.sluice.process.UpgradeScenario.clariAccepts;
import static io.sluice.process.UpgradeScenario.clariFinishes;
import static io.sluice.process.UpgradeScenario.clariLimits;
import static io.sluice.process.UpgradeScenario.customerioExport;
import static io.sluice.process.UpgradeScenario.customerioExports;
import static io.sluice.process.UpgradeScenario.file;
import static io.sluice.process.UpgradeScenario.invitation;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.StubVendor;
import io.sluice.machine.Postgres;
import io.sluice.process.UpgradeClient.Sent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The upgrade: today's version takes over a data folder and a PostgreSQL database that an earlier one has written. Exports go
 * on, files are served, accepted calls arrive once and in order, idempotency keys replay, budgets remember, and an operator's
 * pause is in force. {@link WriteUpgradeData} wrote the data; {@code src/test/resources/upgrade/README.md} describes it.
 */
class UpgradeIT {
    private static final String DATA = "/upgrade/f5ba174/";

    /** Long enough for leases to have ended and for calls of the process before to be out of doubt, too short for windows. */
    private static final Duration AWAY = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    @Test
    void a_data_folder_of_an_earlier_version_is_taken_over() throws Exception {
        JsonObject written = new JsonObject(text("sqlite.json"));
        UpgradeArchive archive = archive(written);
        unpack(archive, "sqlite.zip");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("sluice.db"))) {
            archive.shift(connection);
        }

        takesOver(written, archive, List.of());
    }

    @Test
    void a_postgresql_database_of_an_earlier_version_is_taken_over() throws Exception {
        JsonObject written = new JsonObject(text("postgresql.json"));
        UpgradeArchive archive = archive(written);
        unpack(archive, "postgresql.zip");
        try (EmbeddedPostgres postgres = Postgres.start()) {
            try (Connection connection = postgres.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(Files.readString(directory.resolve("dump.sql")));
                archive.shift(connection);
            }
            String database = "-Dquarkus.datasource.postgresql.";
            takesOver(
                    written,
                    archive,
                    List.of(
                            "-Dsluice.store=postgresql",
                            database + "jdbc.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                            database + "username=postgres",
                            database + "password=postgres"));
        }
    }

    private static UpgradeArchive archive(JsonObject written) {
        return new UpgradeArchive(Instant.parse(written.getString("written_at")), Instant.now(), AWAY);
    }

    private void unpack(UpgradeArchive archive, String name) throws IOException {
        try (InputStream in = resource(name)) {
            archive.unpack(in, directory);
        }
    }

    private static String text(String name) throws IOException {
        try (InputStream in = resource(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(UpgradeIT.class.getResourceAsStream(DATA + name), name);
    }

    private void takesOver(JsonObject written, UpgradeArchive archive, List<String> store) throws Exception {
        try (StubVendor vendor = StubVendor.start()) {
            answerAfterTheUpgrade(vendor);
            List<String> settings = new ArrayList<>(UpgradeScenario.settings(vendor));
            settings.addAll(store);
            settings.add("-Dsluice.data-dir=" + directory.toAbsolutePath());
            settings.add("-Dsluice.exports.slot-poll=1s");
            settings.add("-Dsluice.exports.slot-poll-when-full=1s");
            try (SluiceProcess sluice =
                            SluiceProcess.start(settings.toArray(String[]::new)).ready();
                    UpgradeClient client = new UpgradeClient(sluice)) {
                Upgraded upgraded = new Upgraded(written, archive, vendor, client);
                upgraded.keysReplay();
                upgraded.budgetsRemember();
                upgraded.webhookEventsAreKept();
                upgraded.exportsGoOn();
                upgraded.messagesArriveOnceAndInOrder();
                upgraded.deadLetterIsListedAndReplayed();
                upgraded.pauseIsInForce();
                assertThat(sluice.log()).contains("budget restored: account=clerk/default");
            }
        }
    }

    /** What has gone on at the vendors meanwhile: jobs have ended, and the one whose request was broken off exists. */
    private static void answerAfterTheUpgrade(StubVendor vendor) {
        clariLimits(vendor, List.of());
        clariFinishes(vendor, "r1", "2026_Q1");
        clariAccepts(vendor, "running", "r2");
        clariFinishes(vendor, "r2", "2026_Q2");
        clariAccepts(vendor, "queued", "q1");
        clariFinishes(vendor, "q1", "2026_Q3");
        long now = Instant.now().getEpochSecond();
        customerioExports(
                vendor,
                customerioExport("d1", "deliveries", "done", now),
                customerioExport("c1", "people", "done", now));
    }

    /** The process after the upgrade, beside what the one before had written. */
    private record Upgraded(JsonObject written, UpgradeArchive archive, StubVendor vendor, UpgradeClient client) {
        void keysReplay() throws Exception {
            for (JsonObject answered : objects(written.getJsonArray("answered"))) {
                HttpResponse<String> again = client.send(new Sent(
                        answered.getString("method"),
                        answered.getString("target"),
                        answered.getString("body"),
                        answered.getJsonArray("headers").stream()
                                .map(String.class::cast)
                                .toList()));

                assertThat(again.statusCode()).as(again.body()).isEqualTo(answered.getInteger("status"));
                assertThat(new JsonObject(again.body()))
                        .isEqualTo(new JsonObject(archive.shifted(answered.getString("response"))));
            }
            HttpResponse<String> lost = client.send(invitation("lost"));
            assertThat(lost.statusCode()).as(lost.body()).isGreaterThanOrEqualTo(400);
            assertThat(lost.headers().firstValue("Sluice-Outcome")).hasValue("unknown");
            assertThat(bodies("POST", "/clerk/v1/invitations"))
                    .as("calls that were made already")
                    .isEmpty();
        }

        void budgetsRemember() throws Exception {
            // A crash adds a reserve of 2 % of the limit, and one at least, since the last checkpoint.
            assertThat(client.limit("clerk", "invitations").getInteger("used"))
                    .as("three invitations, and one that was not answered")
                    .isBetween(4, 6);
            assertThat(client.limit("clerk", "organization-invitations").getInteger("used"))
                    .isBetween(2, 7);
            assertThat(client.limit("clerk", "invitations-bulk").getInteger("used"))
                    .as("a limit that was not used")
                    .isLessThanOrEqualTo(1);
            assertThat(new JsonObject(client.get("/api/limits/fathom/default")).encode())
                    .as("Fathom asked to wait for an hour")
                    .containsPattern("\"closed_until\":\"20");
        }

        void webhookEventsAreKept() throws Exception {
            client.webhook("{\"event_id\":\"event-1\",\"metric\":\"sent\"}");
            client.webhook("{\"event_id\":\"event-3\",\"metric\":\"clicked\"}");

            assertThat(client.webhookEvents())
                    .extracting(event -> event.getJsonObject("event").getString("event_id"))
                    .containsExactly("event-1", "event-2", "event-3");
        }

        void exportsGoOn() throws Exception {
            assertThat(result("finished", 0)).isEqualTo(file("f1", "2026_Q1"));
            for (String name : List.of("running", "queued", "deliveries", "customers")) {
                client.await("the end of the export " + name, () -> isOver(client.export(written.getString(name))));
            }

            assertThat(result("running", 0)).isEqualTo(file("r1", "2026_Q1"));
            assertThat(result("running", 1)).isEqualTo(file("r2", "2026_Q2"));
            assertThat(result("queued", 0)).isEqualTo(file("q1", "2026_Q3"));
            assertThat(result("deliveries", 0)).isEqualTo("d1\n");
            assertThat(result("customers", 0))
                    .as("the export whose request was under way")
                    .isEqualTo("c1\n");
            assertThat(bodies("POST", "/clari/v4/export/forecast/running"))
                    .as("requests for the part that waited")
                    .singleElement()
                    .satisfies(body -> assertThat(body).contains("2026_Q2"));
            assertThat(bodies("POST", "/clari/v4/export/forecast/queued")).hasSize(1);
            assertThat(bodies("POST", "/clari/v4/export/forecast/finished")).isEmpty();
            assertThat(bodies("POST", "/cio/v1/exports/deliveries")).isEmpty();
            assertThat(bodies("POST", "/cio/v1/exports/customers")).isEmpty();
        }

        private static boolean isOver(JsonObject export) {
            return !List.of("queued", "running").contains(export.getString("state"));
        }

        private String result(String name, int position) throws Exception {
            JsonObject export = client.export(written.getString(name));
            assertThat(export.getString("state")).as(export.encodePrettily()).isEqualTo("done");
            return client.get(
                    export.getJsonArray("parts").getJsonObject(position).getString("result"));
        }

        void messagesArriveOnceAndInOrder() throws Exception {
            for (String channel : List.of("track", "pipelines")) {
                client.await(
                        "the deliveries",
                        () -> client.queue("default", channel)
                                .filter(queue -> queue.getLong("pending") + queue.getLong("in_flight") > 0)
                                .isEmpty());
            }

            int last = UpgradeScenario.EVENTS;
            assertThat(events("/cio", "anna")).isEqualTo(numbered("anna", last + 1));
            assertThat(events("/cio", "boris")).isEqualTo(numbered("boris", last));
            assertThat(events("/cio", "cleo")).isEqualTo(numbered("cleo", last + 1));
            assertThat(events("/cio", "dan")).isEqualTo(numbered("dan", last));
            assertThat(bodies("POST", "/cio/api/v2/entity")).as("the merge").hasSize(1);
            assertThat(place("/cio/api/v2/entity", "merge"))
                    .as("the merge comes after what both people did before, and before what is next")
                    .isGreaterThan(place("/cio/api/v2/batch", "\"anna-" + last + "\""))
                    .isGreaterThan(place("/cio/api/v2/batch", "\"boris-" + last + "\""))
                    .isLessThan(place("/cio/api/v2/batch", "\"anna-" + (last + 1) + "\""));
            assertThat(bodies("POST", "/cio/v1/batch").stream()
                            .flatMap(body -> objects(new JsonObject(body).getJsonArray("batch")).stream())
                            .map(event -> event.getJsonObject("properties").getInteger("number")))
                    .isEqualTo(IntStream.rangeClosed(1, last).boxed().toList());
        }

        private static List<String> numbered(String person, int last) {
            return IntStream.rangeClosed(1, last)
                    .mapToObj(number -> person + "-" + number)
                    .toList();
        }

        /** The ids of a person's events, in the order in which they came. */
        private List<String> events(String host, String person) {
            return bodies("POST", host + "/api/v2/batch").stream()
                    .flatMap(body -> objects(new JsonObject(body).getJsonArray("batch")).stream())
                    .filter(operation -> operation
                            .getJsonObject("identifiers")
                            .getString("id")
                            .equals(person))
                    .map(operation -> operation.getString("id"))
                    .toList();
        }

        /** The place of a request among all that came. */
        private int place(String target, String text) {
            List<StubVendor.Received> received = vendor.received();
            return IntStream.range(0, received.size())
                    .filter(i -> received.get(i).target().equals(target)
                            && received.get(i).body().contains(text))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(text + " did not come to " + target));
        }

        void deadLetterIsListedAndReplayed() throws Exception {
            String dead = written.getString("dead");
            assertThat(objects(new JsonObject(client.get("/api/deliveries?state=dead")).getJsonArray("deliveries")))
                    .singleElement()
                    .satisfies(delivery -> assertThat(delivery.getString("id")).isEqualTo(dead))
                    .satisfies(delivery -> assertThat(delivery.encode()).contains("invalid", "\"state\":\"dead\""));
            assertThat(events("/cio", "dead")).isEmpty();

            client.expect(200, Sent.of("POST", "/api/deliveries/" + dead + "/replay", ""));
            client.await("its delivery", () -> !events("/cio", "dead").isEmpty());
            assertThat(events("/cio", "dead")).isEqualTo(numbered("dead", 1));
        }

        void pauseIsInForce() throws Exception {
            JsonObject held = client.queue("held", "track").orElseThrow();
            assertThat(held.getBoolean("paused")).isTrue();
            assertThat(held.getInteger("pending")).isEqualTo(UpgradeScenario.EVENTS);
            assertThat(bodies("POST", "/held/api/v2/batch")).isEmpty();

            client.expect(200, Sent.of("POST", "/api/deliveries/queues/customerio/held/resume", ""));
            client.await("the rest", () -> events("/held", "eva").size() >= UpgradeScenario.EVENTS);
            assertThat(events("/held", "eva")).isEqualTo(numbered("eva", UpgradeScenario.EVENTS));
        }

        private List<String> bodies(String method, String target) {
            return vendor.received().stream()
                    .filter(request ->
                            request.method().equals(method) && request.target().equals(target))
                    .map(StubVendor.Received::body)
                    .toList();
        }

        private static List<JsonObject> objects(JsonArray array) {
            return array.stream().map(JsonObject.class::cast).toList();
        }
    }
}
