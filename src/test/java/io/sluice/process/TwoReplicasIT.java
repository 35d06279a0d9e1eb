package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes on one PostgreSQL make every part once, whenever either of them is killed, and the database stopped and
 * started again.
 */
class TwoReplicasIT {
    @TempDir
    Path directory;

    private final AtomicReferenceArray<SluiceProcess> replicas = new AtomicReferenceArray<>(2);

    @Test
    void every_part_is_made_once_however_often_either_is_killed() throws Exception {
        killed(Moments.count(20));
    }

    @Test
    @Tag("proof")
    void every_part_is_made_once_however_often_either_is_killed_at_length() throws Exception {
        killed(Moments.count(200));
    }

    private void killed(int times) throws Exception {
        Moments moments = new Moments();
        System.out.println(moments);
        try (Vendors vendors = Vendors.start();
                Postgres postgres = new Postgres(directory.resolve("pg"));
                ManyExports exports =
                        new ManyExports(() -> replicas.get(moments.coin() ? 1 : 0), ExportKillIT.patience(times));
                ExecutorService orders = Executors.newVirtualThreadPerTaskExecutor()) {
            ExportKillIT.misbehave(vendors, times);
            postgres.start();
            long begin = System.nanoTime();
            replicas.set(0, start(vendors, postgres));
            replicas.set(1, start(vendors, postgres));
            replicas.get(0).ready();
            Duration starting = Duration.ofNanos(System.nanoTime() - begin);
            Future<?> ordered = orders.submit(() -> {
                exports.order();
                return null;
            });
            for (int kills = 0; kills < times; kills++) {
                if (kills == times / 2) {
                    databaseAway(vendors, postgres);
                }
                int victim = moments.coin() ? 1 : 0;
                boolean ended = replicas.get(victim).endedWithin(moments.within(starting));
                assertThat(ended).as(replicas.get(victim).log()).isFalse();
                kill(victim, vendors, postgres);
            }
            replicas.get(0).ready();
            replicas.get(1).ready();

            ordered.get();
            exports.await();

            exports.check(vendors);
            exports.awaitFiles(postgres::files);
            System.out.println("killed " + times + " times in "
                    + Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s; at the vendor: "
                    + vendors.report());
        } catch (Exception | AssertionError e) {
            throw moments.failed(e);
        } finally {
            for (int i = 0; i < replicas.length(); i++) {
                SluiceProcess replica = replicas.get(i);
                if (replica != null) {
                    replica.close();
                }
            }
        }
    }

    /** Stops the database under one replica, and starts the other one without it. */
    private void databaseAway(Vendors vendors, Postgres postgres) throws Exception {
        replicas.get(0).ready();
        postgres.stop();
        kill(1, vendors, postgres);
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int replica = 0; replica < 2; replica++) {
                SluiceProcess sluice = replicas.get(replica).ready();
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

    private void kill(int victim, Vendors vendors, Postgres postgres) throws Exception {
        replicas.get(victim).kill();
        replicas.getAndSet(victim, start(vendors, postgres)).close();
    }

    private static SluiceProcess start(Vendors vendors, Postgres postgres) throws IOException {
        return SluiceProcess.start(Stream.concat(
                        vendors.settings().stream(),
                        Stream.of(
                                "-Dsluice.store=postgresql",
                                "-Dsluice.remember=false",
                                "-Dquarkus.datasource.postgresql.jdbc.url=" + postgres.url(),
                                "-Dquarkus.datasource.postgresql.username=postgres"))
                .toArray(String[]::new));
    }

    /** A server that keeps its data and its port while it is stopped. */
    private static final class Postgres implements AutoCloseable {
        private final Path data;
        private final int port;
        private EmbeddedPostgres server;

        Postgres(Path data) throws IOException {
            this.data = data;
            try (ServerSocket free = new ServerSocket(0)) {
                this.port = free.getLocalPort();
            }
            this.server = started();
        }

        private EmbeddedPostgres started() throws IOException {
            return EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .start();
        }

        void start() throws IOException {
            stop();
            server = started();
        }

        void stop() throws IOException {
            server.close();
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

        @Override
        public void close() throws IOException {
            stop();
        }
    }
}
