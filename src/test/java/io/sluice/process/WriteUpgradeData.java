package io.sluice.process;

import static io.sluice.process.UpgradeScenario.always;
import static io.sluice.process.UpgradeScenario.clariAccepts;
import static io.sluice.process.UpgradeScenario.clariExport;
import static io.sluice.process.UpgradeScenario.clariFinishes;
import static io.sluice.process.UpgradeScenario.clariLimits;
import static io.sluice.process.UpgradeScenario.clariRuns;
import static io.sluice.process.UpgradeScenario.customerioExport;
import static io.sluice.process.UpgradeScenario.customerioExports;
import static io.sluice.process.UpgradeScenario.event;
import static io.sluice.process.UpgradeScenario.fails;
import static io.sluice.process.UpgradeScenario.hangs;
import static io.sluice.process.UpgradeScenario.invitation;
import static io.sluice.process.UpgradeScenario.later;
import static io.sluice.process.UpgradeScenario.organizationInvitation;

import io.sluice.gateway.StubVendor;
import io.sluice.machine.Postgres;
import io.sluice.process.UpgradeClient.Sent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writes the archives of {@link UpgradeIT}: has a process of an earlier version do the scenario, ends it, and packs what it
 * leaves. Runs on demand only; {@code src/test/resources/upgrade/README.md} says how. SQLite is written by a process that is
 * killed, PostgreSQL by one that ends in order.
 */
@EnabledIfSystemProperty(named = WriteUpgradeData.JAR, matches = ".+")
class WriteUpgradeData {
    static final String JAR = "sluice.upgrade.jar";

    /** A checkpoint of the budgets is due after a second at the latest. */
    private static final Duration UNTIL_SAVED = Duration.ofSeconds(3);

    private final Path archives = Path.of(Objects.requireNonNullElse(
            System.getProperty("sluice.upgrade.archives"), "src/test/resources/upgrade/new"));

    @TempDir
    Path directory;

    @Test
    void sqlite() throws Exception {
        JsonObject written = write(List.of(), SluiceProcess::kill);
        pack("sqlite", written);
    }

    @Test
    void postgresql() throws Exception {
        try (EmbeddedPostgres postgres = Postgres.start()) {
            String database = "-Dquarkus.datasource.postgresql.";
            List<String> settings = List.of(
                    "-Dsluice.store=postgresql",
                    database + "jdbc.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                    database + "username=postgres",
                    database + "password=postgres");
            JsonObject written = write(settings, sluice -> {
                sluice.terminate();
                sluice.ended();
            });
            try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
                Files.writeString(directory.resolve("dump.sql"), SqlDump.of(connection));
            }
            pack("postgresql", written);
        }
    }

    private void pack(String name, JsonObject written) throws IOException {
        UpgradeArchive.pack(directory, archives.resolve(name + ".zip"));
        Files.writeString(archives.resolve(name + ".json"), written.encodePrettily() + "\n");
    }

    /** The end of the process. */
    @FunctionalInterface
    private interface End {
        void of(SluiceProcess sluice) throws Exception;
    }

    private JsonObject write(List<String> store, End end) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (StubVendor vendor = StubVendor.start()) {
            List<String> settings = new ArrayList<>(UpgradeScenario.settings(vendor));
            settings.addAll(store);
            settings.add("-Dsluice.data-dir=" + directory.toAbsolutePath());
            // A call that the vendor never answers is on its way to the end.
            settings.add("-Dquarkus.shutdown.timeout=1s");
            try (SluiceProcess sluice = SluiceProcess.start(
                            Path.of(Objects.requireNonNull(System.getProperty(JAR))),
                            Map.of(),
                            settings.toArray(String[]::new));
                    UpgradeClient client = new UpgradeClient(sluice)) {
                awaitReady(sluice);
                JsonObject written = new Scenario(vendor, client, never).play();
                end.of(sluice);
                return new JsonObject()
                        .put("written_at", Instant.now().toString())
                        .mergeIn(written);
            }
        } finally {
            never.countDown();
        }
    }

    /** Versions before the management interface have their health on the main port. */
    private static void awaitReady(SluiceProcess sluice) throws Exception {
        try (UpgradeClient client = new UpgradeClient(sluice)) {
            client.await("the start", () -> {
                try {
                    return client.send(Sent.of("GET", "/api/limits", "")).statusCode() == 200;
                } catch (IOException notYet) {
                    return false;
                }
            });
        }
    }

    /** What is played at the process, and noted for the test. */
    private record Scenario(StubVendor vendor, UpgradeClient client, CountDownLatch never) {
        JsonObject play() throws Exception {
            JsonObject written = new JsonObject();
            JsonArray answered = new JsonArray();
            invitations(answered);
            answered.add(finishedExport(written));
            deadLetter(written);
            client.webhook("{\"event_id\":\"event-1\",\"metric\":\"sent\"}");
            client.webhook("{\"event_id\":\"event-2\",\"metric\":\"opened\"}");
            broadcast();
            closedAccount();
            held();
            undelivered(answered);
            exports(written, answered);
            // The last ones: they are not answered before the end.
            CompletableFuture<HttpResponse<String>> lost = client.begin(invitation("lost"));
            client.await("the call on its way", () -> count("POST", "/clerk/v1/invitations") == 4);
            TimeUnit.MILLISECONDS.sleep(UNTIL_SAVED.toMillis());
            if (lost.isDone()) {
                throw new AssertionError("answered: " + lost.get().body());
            }
            return written.put("answered", answered);
        }

        private void invitations(JsonArray answered) throws Exception {
            for (String name : List.of("one", "two", "three")) {
                always(
                        vendor,
                        "POST",
                        "/clerk/v1/invitations",
                        new JsonObject().put("object", "invitation").put("id", "inv_" + name));
                answered.add(answered(invitation(name)));
            }
            for (String name : List.of("four", "five")) {
                client.expect(200, organizationInvitation(name));
            }
            hangs(vendor, "POST", "/clerk/v1/invitations", never);
        }

        private JsonObject finishedExport(JsonObject written) throws Exception {
            clariLimits(vendor, List.of());
            clariAccepts(vendor, "finished", "f1");
            clariFinishes(vendor, "f1", "2026_Q1");
            JsonObject answer = answered(clariExport("finished", "2026_Q1"));
            String id = id(answer);
            client.await(
                    "the end of the export",
                    () -> client.export(id).getString("state").equals("done"));
            written.put("finished", id);
            return answer;
        }

        private void deadLetter(JsonObject written) throws Exception {
            fails(
                    vendor,
                    "POST",
                    "/cio/api/v2/batch",
                    400,
                    "{\"errors\":[{\"reason\":\"invalid\",\"field\":\"name\",\"message\":\"unknown\"}]}");
            written.put("dead", delivery(client.send(event("/customerio/track", "dead", 1))));
            client.await(
                    "the dead letter",
                    () -> client.queue("default", "track")
                            .filter(queue -> queue.getLong("dead") == 1)
                            .isPresent());
        }

        private void broadcast() throws Exception {
            always(vendor, "GET", "/cio/v1/broadcasts/3/triggers", new JsonObject().put("triggers", new JsonArray()));
            always(vendor, "POST", "/cio/v1/campaigns/3/triggers", new JsonObject().put("id", 11));
            client.expect(200, Sent.of("POST", "/customerio/app/v1/campaigns/3/triggers", "{\"data\":{}}"));
        }

        private void closedAccount() throws Exception {
            fails(vendor, "GET", "/fathom/external/v1/meetings", 429, "{}", "Retry-After: 3600");
            client.expect(
                    429, Sent.of("GET", "/fathom/external/v1/meetings", "").with("Prefer", "wait=1"));
        }

        /** Work of an account whose deliveries are paused. */
        private void held() throws Exception {
            client.expect(200, Sent.of("POST", "/api/deliveries/queues/customerio/held/pause", ""));
            for (int i = 1; i <= UpgradeScenario.EVENTS; i++) {
                client.expect(202, event("/customerio@held/track", "eva", i));
            }
        }

        /** Work for a vendor that is away. */
        private void undelivered(JsonArray answered) throws Exception {
            for (String batch : List.of("/cio/api/v2/batch", "/cio/v1/batch", "/cio/api/v2/entity")) {
                fails(vendor, "POST", batch, 503, "{}");
            }
            for (int i = 1; i <= UpgradeScenario.EVENTS; i++) {
                for (String person : UpgradeScenario.PEOPLE) {
                    client.expect(202, event("/customerio/track", person, i));
                }
            }
            client.expect(
                    202,
                    later(
                            Sent.of(
                                    "POST",
                                    "/customerio/track/api/v2/batch",
                                    "{\"batch\":[{\"type\":\"person\",\"action\":\"merge\",\"primary\":{\"id\":\"anna\"},\"secondary\":{\"id\":\"boris\"}}]}")));
            client.expect(202, event("/customerio/track", "anna", UpgradeScenario.EVENTS + 1));
            answered.add(answered(event("/customerio/track", "cleo", UpgradeScenario.EVENTS + 1)
                    .with("Idempotency-Key", "event-of-cleo")));
            for (int i = 1; i <= UpgradeScenario.EVENTS; i++) {
                client.expect(
                        202,
                        later(Sent.of(
                                "POST",
                                "/customerio/pipelines/v1/track",
                                "{\"userId\":\"finn\",\"event\":\"counted\",\"properties\":{\"number\":" + i + "}}")));
            }
            client.await("a try to deliver", () -> count("POST", "/cio/api/v2/batch") > 1);
        }

        private void exports(JsonObject written, JsonArray answered) throws Exception {
            clariAccepts(vendor, "running", "r1");
            clariRuns(vendor, "r1");
            JsonObject running = answered(clariExport("running", "2026_Q1", "2026_Q2"));
            answered.add(running);
            written.put("running", id(running));
            client.await("the running job", () -> part(id(running), 0).getInteger("polls", 0) > 0);
            clariLimits(vendor, List.of("r1"));
            JsonObject queued = answered(clariExport("queued", "2026_Q3"));
            answered.add(queued);
            written.put("queued", id(queued));

            long now = Instant.now().getEpochSecond();
            always(
                    vendor,
                    "POST",
                    "/cio/v1/exports/deliveries",
                    new JsonObject().put("export", customerioExport("d1", "deliveries", "pending", now)));
            customerioExports(vendor, customerioExport("d1", "deliveries", "pending", now));
            String deliveries = id(client.expect(202, customerioExport("deliveries", new JsonObject())));
            written.put("deliveries", deliveries);
            client.await("the running export", () -> part(deliveries, 0).getInteger("polls", 0) > 0);
            hangs(vendor, "POST", "/cio/v1/exports/customers", never);
            JsonObject filters = new JsonObject().put("and", new JsonArray());
            written.put(
                    "customers",
                    id(client.expect(202, customerioExport("customers", new JsonObject().put("filters", filters)))));
            client.await("the request on its way", () -> count("POST", "/cio/v1/exports/customers") == 1);
        }

        private JsonObject part(String export, int position) throws Exception {
            return client.export(export).getJsonArray("parts").getJsonObject(position);
        }

        private long count(String method, String target) {
            return vendor.received().stream()
                    .filter(request ->
                            request.method().equals(method) && request.target().equals(target))
                    .count();
        }

        private static String id(JsonObject answered) {
            return id(answered.getString("response"));
        }

        private static String id(String response) {
            return new JsonObject(response).getString("id");
        }

        private static String delivery(HttpResponse<String> response) {
            return response.headers().firstValue("Location").orElseThrow().replaceFirst(".*/", "");
        }

        /** Makes a call, and notes its response to be replayed. */
        private JsonObject answered(Sent sent) throws Exception {
            HttpResponse<String> response = client.send(sent);
            if (response.statusCode() / 100 != 2) {
                throw new AssertionError(sent + ": " + response.statusCode() + " " + response.body());
            }
            return new JsonObject()
                    .put("method", sent.method())
                    .put("target", sent.target())
                    .put("headers", new JsonArray(sent.headers()))
                    .put("body", sent.body())
                    .put("status", response.statusCode())
                    .put("response", response.body());
        }
    }
}
