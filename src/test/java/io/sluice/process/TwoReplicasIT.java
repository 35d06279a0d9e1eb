package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.machine.FreePorts;
import io.sluice.machine.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes on one PostgreSQL make every part once, whenever either of them is killed, and the database stopped and
 * started again.
 */
@Order(1)
@SuppressWarnings("NullAway.Init") // started before each test
class TwoReplicasIT extends KilledExports {
    @TempDir
    Path directory;

    private StoppablePostgres postgres;

    TwoReplicasIT() {
        super(2, Duration.ZERO);
    }

    @BeforeEach
    void startPostgres() throws IOException {
        postgres = new StoppablePostgres(directory.resolve("pg"));
    }

    @AfterEach
    void stopPostgres() throws Exception {
        postgres.stop();
    }

    @Override
    SluiceProcess start(Vendors vendors) throws IOException {
        return SluiceProcess.start(Stream.concat(
                        vendors.settings().stream(),
                        Stream.of(
                                "-Dsluice.store=postgresql",
                                // Longer than a process sleeps: when others look for an order, it is not on its way
                                // still.
                                "-Dsluice.exports.reconcile-delay=4s",
                                "-Dsluice.budget.persist=false",
                                "-Dquarkus.datasource.postgresql.jdbc.url=" + postgres.url(),
                                "-Dquarkus.datasource.postgresql.username=postgres"))
                .toArray(String[]::new));
    }

    @Override
    List<String> files() throws SQLException {
        return postgres.files();
    }

    /** Stops the database under one replica, and starts the other one without it. */
    @Override
    void halfway(Vendors vendors) throws Exception {
        process(0).ready();
        postgres.stop();
        kill(1, vendors);
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int replica = 0; replica < 2; replica++) {
                SluiceProcess sluice = process(replica).ready();
                HttpResponse<String> refused = client.send(
                        HttpRequest.newBuilder(sluice.uri("/api/exports"))
                                .header("Authorization", "Bearer " + Vendors.key("dev"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("""
                                        {"vendor":"clari","forecast":"while_away","periods":["2026_Q1"]}"""))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(refused.statusCode())
                        .as(refused.body() + sluice.log())
                        .isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
                assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
                HttpResponse<String> passed = client.send(
                        HttpRequest.newBuilder(sluice.uri("/clerk/v1/users"))
                                .header("Authorization", "Bearer " + Vendors.key("dev"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(passed.statusCode()).as(passed.body()).isEqualTo(200);
            }
        }
        postgres.start();
    }

    /** A server that keeps its data and its port while it is stopped. */
    private static final class StoppablePostgres {
        private static final Duration PATIENCE = Duration.ofMinutes(1);

        private final Path data;
        private final int port;
        private EmbeddedPostgres server;

        StoppablePostgres(Path data) throws IOException {
            this.data = data;
            this.port = FreePorts.next();
            this.server = started();
        }

        private EmbeddedPostgres started() throws IOException {
            return Postgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    // As everywhere else; the library turns it off.
                    .setServerConfig("synchronous_commit", "on")
                    .start();
        }

        void start() throws IOException {
            server = started();
        }

        /** Waits until it has ended, which the library only hopes for: otherwise there are two servers on the data. */
        void stop() throws IOException, InterruptedException {
            server.close();
            Path running = data.resolve("postmaster.pid");
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (Files.exists(running)) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError("PostgreSQL did not stop: " + Files.readString(running));
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }

        String url() {
            return "jdbc:postgresql://localhost:" + port + "/postgres";
        }

        /** The files there are, those that nobody knows of first. */
        List<String> files() throws SQLException {
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("""
                            SELECT p.file, count(*) AS pieces, max(w.abandoned) AS abandoned,
                                EXISTS (SELECT 1 FROM export_job j WHERE j.detail LIKE '%' || p.file || '%') AS known
                            FROM export_file_piece p LEFT JOIN export_writing w ON w.file = p.file
                            GROUP BY p.file ORDER BY known, p.file""")) {
                List<String> files = new ArrayList<>();
                while (rows.next()) {
                    files.add(
                            rows.getBoolean("known")
                                    ? rows.getString("file")
                                    : "%s (%d pieces, abandoned: %s)"
                                            .formatted(
                                                    rows.getString("file"),
                                                    rows.getInt("pieces"),
                                                    rows.getString("abandoned")));
                }
                return files;
            }
        }
    }
}
