package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Many periods of three forecasts in exports of two teams, some of which ask for the same: ordered, awaited and checked
 * through a Sluice that may be killed at any moment, in which case the same is asked again.
 */
final class ManyExports implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> FORECASTS = List.of("net_bookings", "renewals", "services");
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** A lease, and time for a slow machine. */
    private static final Duration SWEPT_WITHIN = Duration.ofMinutes(3);

    private final Supplier<SluiceProcess> sluice;
    private final int quarters;
    private final long end;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Map<String, String> teamByExport = new ConcurrentHashMap<>();

    /**
     * @param sluice one that may be alive
     * @param parts how many different ones are ordered; a multiple of twelve
     * @param patience how long all of it may take
     */
    ManyExports(Supplier<SluiceProcess> sluice, int parts, Duration patience) {
        this.sluice = sluice;
        this.quarters = parts / FORECASTS.size();
        this.end = System.nanoTime() + patience.toNanos();
    }

    private record Order(String team, String forecast, List<String> periods) {}

    private int parts() {
        return quarters * FORECASTS.size();
    }

    /** Each forecast's quarters, half of them for each team and, later, one export more that holds half of both. */
    private List<Order> orders() {
        List<String> periods = IntStream.range(0, quarters)
                .mapToObj(i -> (2020 + i / 4) + "_Q" + (1 + i % 4))
                .toList();
        List<Order> orders = new ArrayList<>();
        for (String forecast : FORECASTS) {
            orders.add(new Order("dev", forecast, periods.subList(0, quarters / 2)));
            orders.add(new Order("bulk", forecast, periods.subList(quarters / 2, quarters)));
        }
        for (String forecast : FORECASTS) {
            orders.add(new Order("dev", forecast, periods.subList(quarters / 4, 3 * quarters / 4)));
        }
        return orders;
    }

    /** Orders everything, each order until it is answered. */
    void order() throws IOException, InterruptedException {
        for (Order order : orders()) {
            String body = JSON.writeValueAsString(
                    Map.of("vendor", "clari", "forecast", order.forecast(), "periods", order.periods()));
            String key = "order-" + teamByExport.size();
            HttpResponse<byte[]> answer = persistently(
                    "/api/exports",
                    order.team(),
                    202,
                    request -> request.POST(HttpRequest.BodyPublishers.ofString(body))
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", key));
            teamByExport.put(JSON.readTree(answer.body()).path("id").asText(), order.team());
        }
    }

    /** Waits until every export is over. */
    void await() throws IOException, InterruptedException {
        for (Map.Entry<String, String> export : teamByExport.entrySet()) {
            for (JsonNode seen = look(export);
                    List.of("queued", "running").contains(seen.path("state").asText());
                    seen = look(export)) {
                pause(seen.toPrettyString());
            }
        }
    }

    private JsonNode look(Map.Entry<String, String> export) throws IOException, InterruptedException {
        return JSON.readTree(persistently("/api/exports/" + export.getKey(), export.getValue(), 200, r -> r)
                .body());
    }

    /** Checks that every part was made once, and that its file is the right one. Returns the vendor's job by part. */
    Map<String, String> check(Vendors vendors) throws Exception {
        Map<String, String> jobs = new TreeMap<>();
        for (Map.Entry<String, String> export : teamByExport.entrySet()) {
            JsonNode seen = look(export);
            assertThat(seen.path("state").asText()).as(seen.toPrettyString()).isEqualTo("done");
            for (JsonNode part : seen.path("parts")) {
                String forecast = checkFile(export.getValue(), part);
                String job = part.path("vendor_job_id").asText();
                jobs.merge(forecast + " " + part.path("part").asText(), job, (one, other) -> {
                    assertThat(other)
                            .as("the job of a part that two teams ordered")
                            .isEqualTo(one);
                    return one;
                });
            }
        }
        assertThat(jobs).hasSize(parts());
        Map<String, String> atVendor = new TreeMap<>();
        for (JsonNode part : vendors.jobs()) {
            assertThat(part.path("count").asInt()).as(part.toPrettyString()).isOne();
            atVendor.put(
                    part.path("forecast").asText() + " " + part.path("period").asText(),
                    part.path("jobs").path(0).path("jobId").asText());
        }
        assertThat(jobs).isEqualTo(atVendor);
        return jobs;
    }

    private String checkFile(String team, JsonNode part) throws Exception {
        byte[] file =
                persistently(part.path("result").asText(), team, 200, r -> r).body();
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
        assertThat(digest).isEqualTo(part.path("sha256").asText());
        assertThat(file).hasSize(part.path("bytes").asInt());
        JsonNode first = JSON.readTree(file).path("entries").path(0);
        assertThat(first.path("timePeriodId").asText())
                .isEqualTo(part.path("part").asText());
        return first.path("fieldId").asText();
    }

    /** Waits until as many files are stored as there are parts: those that nobody knows of are deleted. */
    void awaitFiles(Callable<? extends Collection<String>> files) throws Exception {
        long swept = System.nanoTime() + SWEPT_WITHIN.toNanos();
        for (Collection<String> stored = files.call(); stored.size() != parts(); stored = files.call()) {
            String still = stored.size() + " files: " + stored;
            pause(still);
            if (System.nanoTime() - swept > 0) {
                throw new AssertionError("not swept: " + still);
            }
        }
    }

    private interface Change {
        HttpRequest.Builder to(HttpRequest.Builder request);
    }

    /** Asks until there is an answer of that status; 503 means that it may be asked again. */
    private HttpResponse<byte[]> persistently(String target, String team, int status, Change change)
            throws IOException, InterruptedException {
        while (true) {
            String why;
            try {
                HttpResponse<byte[]> answer = client.send(
                        change.to(HttpRequest.newBuilder(sluice.get().uri(target)))
                                .header("Authorization", "Bearer " + Vendors.key(team))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                if (answer.statusCode() == status) {
                    return answer;
                }
                why = answer.statusCode() + ": " + new String(answer.body(), StandardCharsets.UTF_8);
                assertThat(answer.statusCode()).as(why).isEqualTo(503);
            } catch (IOException killed) {
                why = String.valueOf(killed);
            }
            pause(target + ": " + why);
        }
    }

    private void pause(String still) throws InterruptedException, IOException {
        if (System.nanoTime() - end > 0) {
            throw new AssertionError("not in time: " + still.replaceAll("\\s+", " ") + "\n"
                    + sluice.get().log());
        }
        LockSupport.parkNanos(PAUSE.toNanos());
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
