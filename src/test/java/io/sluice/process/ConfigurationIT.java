package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.machine.Postgres;
import io.sluice.sandbox.SandboxServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * From wherever the configuration comes, the store is PostgreSQL, an export is served from it to the end, and the backstop
 * follow the accounts.
 */
@Order(4)
@SuppressWarnings("NullAway.Init") // started before all tests
class ConfigurationIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LIVE_KEY = "sk_live_of-the-stand-in";
    /** More than the 1000 in 10 s that the annotations allow, and than one account may make in that time. */
    private static final int CALLS = 1_300;

    /** The sources that backstops once did not follow; the others are read in the same way, and only the store is tried. */
    private static final Set<Source> BUSY = Set.of(Source.FILE, Source.FOLDERS);

    private static final Pattern REFUSED =
            Pattern.compile("(?m)^ft_ratelimit_calls_total\\{.*rateLimitResult=\"rejected\".*} ([0-9.]+)$");

    private static EmbeddedPostgres postgres;
    private static SandboxServer vendors;

    @TempDir
    Path folder;

    /** Where configuration comes from. */
    enum Source {
        FILE {
            @Override
            SluiceProcess start(Path folder, Map<String, String> keys) throws IOException {
                Path file = Files.writeString(folder.resolve("sluice.properties"), properties(keys));
                return SluiceProcess.start(Map.of("SMALLRYE_CONFIG_LOCATIONS", file.toString()));
            }
        },
        FILE_NAMED_BY_PROPERTY {
            @Override
            SluiceProcess start(Path folder, Map<String, String> keys) throws IOException {
                Path file = Files.writeString(folder.resolve("sluice.properties"), properties(keys));
                return SluiceProcess.start("-Dsmallrye.config.locations=" + file.toUri());
            }
        },
        /** As a ConfigMap with a file for what may be known and a Secret with a key for each value are mounted. */
        FOLDERS {
            @Override
            SluiceProcess start(Path folder, Map<String, String> keys) throws IOException {
                Path config = Files.createDirectories(folder.resolve("config"));
                Path secrets = Files.createDirectories(folder.resolve("secrets"));
                Map<String, String> known = new TreeMap<>(keys);
                for (String key : keys.keySet()) {
                    if (key.matches(".*(key|username|jdbc\\.url|key-hash)")) {
                        Files.writeString(secrets.resolve(key), known.remove(key) + "\n");
                    }
                }
                Files.writeString(config.resolve("sluice.properties"), properties(known));
                return SluiceProcess.start(Map.of("SMALLRYE_CONFIG_LOCATIONS", config + "," + secrets));
            }
        },
        ENVIRONMENT {
            @Override
            SluiceProcess start(Path folder, Map<String, String> keys) throws IOException {
                Map<String, String> variables = new TreeMap<>();
                keys.forEach((key, value) ->
                        variables.put(key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT), value));
                // What Kubernetes adds for a Service that is called sluice.
                variables.put("SLUICE_SERVICE_HOST", "10.0.0.7");
                variables.put("SLUICE_SERVICE_PORT_HTTP", "80");
                variables.put("SLUICE_PORT", "tcp://10.0.0.7:80");
                variables.put("SLUICE_PORT_80_TCP_ADDR", "10.0.0.7");
                return SluiceProcess.start(variables);
            }
        },
        SYSTEM_PROPERTIES {
            @Override
            SluiceProcess start(Path folder, Map<String, String> keys) throws IOException {
                return SluiceProcess.start(keys.entrySet().stream()
                        .map(key -> "-D" + key.getKey() + "=" + key.getValue())
                        .toArray(String[]::new));
            }
        };

        abstract SluiceProcess start(Path folder, Map<String, String> keys) throws IOException;

        private static String properties(Map<String, String> keys) throws IOException {
            Properties properties = new Properties();
            properties.putAll(keys);
            StringWriter text = new StringWriter();
            properties.store(text, null);
            return text.toString();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        postgres = Postgres.start();
        vendors = SandboxServer.onRealTime(
                "clerk.secret-key", LIVE_KEY,
                "limits.clerk.instance.permits", "1000000",
                "clari.scheduled-for", "100ms",
                "clari.started-for", "200ms");
    }

    @AfterAll
    static void stop() throws IOException {
        vendors.close();
        postgres.close();
    }

    @ParameterizedTest
    @EnumSource
    void the_store_and_the_backstops_follow_the_configuration(Source source) throws Exception {
        String database = "sluice_" + source.name().toLowerCase(Locale.ROOT);
        createDatabase(database);

        try (SluiceProcess sluice = source.start(folder, keys(database)).ready();
                HttpClient client = HttpClient.newHttpClient()) {
            String export = order(sluice, client);
            awaitDone(sluice, client, export);

            HttpResponse<String> file = get(sluice, client, export + "/parts/2026_Q1/result");
            assertThat(file.statusCode()).as(sluice.log()).isEqualTo(200);
            assertThat(JSON.readTree(file.body()).findValuesAsText("timePeriodId"))
                    .contains("2026_Q1");
            assertThat(exportsIn(database)).isOne();
            assertThat(sluice.file("data/sluice.db")).doesNotExist();
            assertThat(sluice.log()).contains("database POSTGRESQL answers").doesNotContain("Migrating schema");

            if (BUSY.contains(source)) {
                assertThat(statuses(sluice, client)).containsOnly(Map.entry(200, CALLS));
                assertThat(backstopped(sluice, client)).isZero();
            }
        }
    }

    private static double backstopped(SluiceProcess sluice, HttpClient client)
            throws IOException, InterruptedException {
        HttpRequest scrape =
                HttpRequest.newBuilder(sluice.management("/q/metrics")).build();
        return REFUSED.matcher(client.send(scrape, HttpResponse.BodyHandlers.ofString())
                        .body())
                .results()
                .mapToDouble(refused -> Double.parseDouble(refused.group(1)))
                .sum();
    }

    /** Start-up waits for no database, and says once that it is away. */
    @Test
    void a_database_that_is_away_keeps_nothing_from_starting() throws Exception {
        Map<String, String> keys = keys("sluice_away");
        keys.put("quarkus.datasource.postgresql.jdbc.url", "jdbc:postgresql://localhost:1/none");
        // Each refused call waits as long for a connection.
        keys.put("quarkus.datasource.postgresql.jdbc.acquisition-timeout", "1s");

        try (SluiceProcess sluice = Source.FILE.start(folder, keys).ready();
                HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> refused = client.send(
                        request(sluice, "/api/exports")
                                .POST(export("while_away"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(refused.statusCode()).isEqualTo(503);
            }
            assertThat(get(sluice, client, "/clerk/v1/users/user_sandbox_1").statusCode())
                    .isEqualTo(200);
            assertThat(sluice.log().lines().filter(line -> line.contains("\"WARN\"")))
                    .as(sluice.log())
                    .hasSize(1)
                    .allMatch(line -> line.contains("database POSTGRESQL does not answer yet"));
        }
    }

    /** Whoever gives the numbers of a backstop in so many words gets them. */
    @Test
    void an_operators_own_backstop_is_used() throws Exception {
        Map<String, String> keys = keys("unused");
        keys.put("sluice.store", "sqlite");
        String backstop =
                "quarkus.fault-tolerance.\"io.sluice.saas.clerk.ClerkApi$$CDIWrapper/countUsers\".rate-limit.";
        keys.put(backstop + "value", "1");
        keys.put(backstop + "window", "1");
        keys.put(backstop + "window-unit", "hours");

        try (SluiceProcess sluice = Source.FILE.start(folder, keys).ready();
                HttpClient client = HttpClient.newHttpClient()) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                statuses.add(
                        get(sluice, client, "/clerk/v1/users/count?query=" + i).statusCode());
            }

            assertThat(statuses).as(sluice.log()).containsExactly(200, 429);
        }
    }

    private static Map<String, String> keys(String database) {
        Map<String, String> keys = new TreeMap<>();
        keys.put("sluice.store", "postgresql");
        keys.put("quarkus.datasource.postgresql.jdbc.url", postgres.getJdbcUrl("postgres", database));
        keys.put("quarkus.datasource.postgresql.username", "postgres");
        keys.put("sluice.teams.dev.key-hash", "7e9f8fd111802be56c379d597842e29b2cebd35ff2133d431a49fa556a18704e");
        keys.put(
                "sluice.clari.accounts.default.url",
                vendors.uri("/sandbox/clari").toString());
        keys.put("sluice.clari.accounts.default.api-key", "sandbox-clari-key");
        for (String account : List.of("default", "eu")) {
            keys.put(
                    "sluice.clerk.accounts." + account + ".url",
                    vendors.uri("/sandbox/clerk").toString());
            keys.put("sluice.clerk.accounts." + account + ".secret-key", LIVE_KEY);
            keys.put("sluice.clerk.accounts." + account + ".batching", "false");
        }
        keys.put("sluice.clerk.cache.ttl", "0s");
        keys.put("sluice.exports.first-poll", "200ms");
        keys.put("sluice.exports.max-poll", "500ms");
        return keys;
    }

    private static void createDatabase(String name) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
    }

    private static int exportsIn(String database) throws SQLException {
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM export")) {
            count.next();
            return count.getInt(1);
        }
    }

    private static String order(SluiceProcess sluice, HttpClient client) throws IOException, InterruptedException {
        HttpResponse<String> ordered = client.send(
                request(sluice, "/api/exports").POST(export("net_bookings")).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(ordered.statusCode()).as(ordered.body() + sluice.log()).isEqualTo(202);
        return ordered.headers().firstValue("Location").orElseThrow();
    }

    private static HttpRequest.BodyPublisher export(String forecast) {
        return HttpRequest.BodyPublishers.ofString(
                "{\"vendor\":\"clari\",\"forecast\":\"" + forecast + "\",\"periods\":[\"2026_Q1\"]}");
    }

    /** The stream of events ends with the export. */
    private static void awaitDone(SluiceProcess sluice, HttpClient client, String export)
            throws IOException, InterruptedException {
        String events = get(sluice, client, export + "/events").body();
        JsonNode shown = JSON.readTree(get(sluice, client, export).body());
        assertThat(shown.path("state").asText()).as(events + sluice.log()).isEqualTo("done");
    }

    /** How often each status was answered to many calls of both accounts at once. */
    private static Map<Integer, Integer> statuses(SluiceProcess sluice, HttpClient client) throws Exception {
        Semaphore atOnce = new Semaphore(64);
        Map<Integer, Integer> statuses = new TreeMap<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                String mount = i % 2 == 0 ? "/clerk" : "/clerk@eu";
                calls.add(() -> {
                    atOnce.acquire();
                    try {
                        return get(sluice, client, mount + "/v1/users/user_sandbox_1")
                                .statusCode();
                    } finally {
                        atOnce.release();
                    }
                });
            }
            for (Future<Integer> call : callers.invokeAll(calls, 5, TimeUnit.MINUTES)) {
                statuses.merge(call.get(), 1, Integer::sum);
            }
        }
        return statuses;
    }

    private static HttpResponse<String> get(SluiceProcess sluice, HttpClient client, String target)
            throws IOException, InterruptedException {
        return client.send(request(sluice, target).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(SluiceProcess sluice, String target) {
        return HttpRequest.newBuilder(sluice.uri(target))
                .timeout(Duration.ofMinutes(2))
                .header("Authorization", "Bearer dev-key")
                .header("Content-Type", "application/json");
    }
}
