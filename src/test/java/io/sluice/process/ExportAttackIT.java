package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong with exports, tried on the packaged process. */
@Order(Integer.MAX_VALUE - 1)
@SuppressWarnings("NullAway.Init") // filled before the first test
class ExportAttackIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static Vendors vendors;
    private static SluiceProcess sluice;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        vendors = Vendors.start();
        sluice = SluiceProcess.start(Stream.concat(
                                vendors.settings().stream(),
                                Stream.of(
                                        "-Dsluice.data-dir=" + directory,
                                        // As long as these tests see that an order is looked for.
                                        "-Dsluice.exports.reconcile-delay=3s"))
                        .toArray(String[]::new))
                .ready();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        sluice.close();
        vendors.close();
    }

    @AfterEach
    void behave() throws Exception {
        vendors.noFaults();
        vendors.clari("""
                {"scheduled_ms":100,"started_ms":300,"monthly_quota":1000}""");
    }

    @Test
    void a_job_whose_answer_was_lost_is_adopted() throws Exception {
        vendors.fault("""
                {"vendor":"clari","operation":"export-forecast","fault":"lost-answer","times":1}""");

        JsonNode done = until(order("dev", "adopted", "2026_Q1"), "dev", ExportAttackIT::over);

        assertThat(done.path("state").asText()).as(done.toPrettyString()).isEqualTo("done");
        assertThat(done.at("/parts/0/attempts").asInt()).isOne();
        assertThat(vendorJobs("adopted", "2026_Q1")).hasSize(1);
    }

    @Test
    void a_job_of_others_that_was_adopted_by_mistake_is_given_up_for_one_of_our_own() throws Exception {
        vendors.fault("""
                {"vendor":"clari","operation":"export-forecast","fault":"status","status":503,"times":1}""");
        String export = order("dev", "mistaken", "2026_Q1");
        until(export, "dev", seen -> seen.at("/parts/0/error/detail").asText().contains("looking for the job"));
        vendors.order("other", "2025_Q4");

        JsonNode done = until(export, "dev", ExportAttackIT::over);

        assertThat(done.path("state").asText()).as(done.toPrettyString()).isEqualTo("done");
        assertThat(vendorJobs("mistaken", "2026_Q1")).hasSize(1);
        assertThat(vendorJobs("other", "2025_Q4")).hasSize(1);
        JsonNode file =
                JSON.readTree(get(done.at("/parts/0/result").asText(), "dev").body());
        assertThat(file.at("/entries/0/fieldId").asText()).isEqualTo("mistaken");
    }

    @Test
    void a_job_of_the_mount_is_never_adopted_not_even_one_of_the_same_period() throws Exception {
        vendors.fault("""
                {"vendor":"clari","operation":"export-forecast","fault":"status","status":503,"times":1}""");
        String export = order("dev", "sought", "2026_Q1");
        until(export, "dev", seen -> seen.at("/parts/0/error/detail").asText().contains("looking for the job"));
        assertThat(submitOnMount("beside", "2026_Q1").statusCode()).isEqualTo(200);

        JsonNode done = until(export, "dev", ExportAttackIT::over);

        assertThat(done.path("state").asText()).as(done.toPrettyString()).isEqualTo("done");
        assertThat(vendorJobs("sought", "2026_Q1")).hasSize(1);
        JsonNode file =
                JSON.readTree(get(done.at("/parts/0/result").asText(), "dev").body());
        assertThat(file.at("/entries/0/fieldId").asText()).isEqualTo("sought");
    }

    @Test
    void the_mount_and_exports_share_the_slots_without_a_refusal_by_the_vendor() throws Exception {
        // The slots are known once a first export has asked for them.
        until(order("dev", "first_of_all", "2026_Q1"), "dev", ExportAttackIT::over);
        long refused = vendors.report().at("/state/jobs_refused").asLong();

        String export = order("dev", "shared", quarters(8));
        List<HttpResponse<String>> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String period = quarters(8)[i];
                calls.add(callers.submit(() -> submitOnMount("by_hand", period)));
            }
            for (Future<HttpResponse<String>> call : calls) {
                answers.add(call.get());
            }
        }
        JsonNode done = until(export, "dev", ExportAttackIT::over);

        assertThat(done.path("state").asText()).as(done.toPrettyString()).isEqualTo("done");
        assertThat(answers)
                .allSatisfy(answer ->
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200));
        assertThat(vendors.report().at("/state/jobs_refused").asLong()).isEqualTo(refused);
    }

    @Test
    void the_mount_waits_for_a_slot_that_somebody_else_has_taken() throws Exception {
        until(order("dev", "slots_are_known", "2026_Q1"), "dev", ExportAttackIT::over);
        vendors.clari("""
                {"started_ms":3000}""");
        for (String period : quarters(3)) {
            vendors.order("elsewhere", period);
        }
        long refused = vendors.report().at("/state/jobs_refused").asLong();

        HttpResponse<String> answer = submitOnMount("patient", "2019_Q4");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Sluice-Attempts")).isNotEmpty();
        assertThat(vendors.report().at("/state/jobs_refused").asLong() - refused)
                .isLessThanOrEqualTo(2);
    }

    @Test
    void the_mount_passes_on_that_the_quota_is_used_up() throws Exception {
        until(order("dev", "quota_is_known", "2026_Q1"), "dev", ExportAttackIT::over);
        vendors.clari("{\"monthly_quota\":" + vendors.report().at("/state/quota_used") + "}");

        HttpResponse<String> answer = submitOnMount("too_much", "2019_Q4");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).path("code").asText()).isEqualTo("export_monthly_quota_reached");
    }

    @Test
    void an_order_cancelled_while_it_is_on_its_way_is_cancelled_at_the_vendor() throws Exception {
        vendors.clari("""
                {"started_ms":60000}""");
        vendors.fault("""
                {"vendor":"clari","operation":"export-forecast","fault":"slow","delay_ms":5000,"times":1}""");
        String export = order("dev", "too_late", "2026_Q1");
        until(export, "dev", seen -> seen.at("/parts/0/state").asText().equals("submitting"));

        cancel(export, "dev");

        assertThat(vendorJobs("too_late", "2026_Q1"))
                .as("what the vendor knew when it was cancelled")
                .isEmpty();
        assertThat(until(export, "dev", ExportAttackIT::over).path("state").asText())
                .isEqualTo("cancelled");
        untilAtVendor("too_late", "2026_Q1", Set.of("CANCELLED", "ABORTED"));
    }

    @Test
    void an_order_cancelled_while_nobody_knows_its_outcome_is_looked_for_and_cancelled() throws Exception {
        vendors.clari("""
                {"started_ms":60000}""");
        vendors.fault("""
                {"vendor":"clari","operation":"export-forecast","fault":"lost-answer","times":1}""");
        String export = order("dev", "unknown", "2026_Q1");
        until(export, "dev", seen -> seen.at("/parts/0/error/detail").asText().contains("looking for the job"));

        cancel(export, "dev");

        untilAtVendor("unknown", "2026_Q1", Set.of("CANCELLED", "ABORTED"));
    }

    @Test
    void a_job_is_cancelled_when_its_last_owner_cancels() throws Exception {
        vendors.clari("""
                {"started_ms":60000}""");
        String mine = order("dev", "owned_twice", "2026_Q1");
        String theirs = order("bulk", "owned_twice", "2026_Q1");
        until(theirs, "bulk", seen -> seen.at("/parts/0/state").asText().equals("running"));

        cancel(mine, "dev");
        JsonNode stillThere =
                until(theirs, "bulk", seen -> seen.at("/parts/0/polls").asInt() > 1);
        cancel(theirs, "bulk");

        assertThat(stillThere.path("state").asText()).isEqualTo("running");
        untilAtVendor("owned_twice", "2026_Q1", Set.of("CANCELLED", "ABORTED"));
        assertThat(vendorJobs("owned_twice", "2026_Q1")).hasSize(1);
    }

    @Test
    void equal_orders_at_once_are_one_job_and_those_with_one_key_are_one_export() throws Exception {
        Set<String> ids = new HashSet<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> orders = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String key = "key-" + i / 8;
                orders.add(callers.submit(() -> orderWith(key, "dev", "equal", "2026_Q1")));
            }
            for (Future<String> order : orders) {
                ids.add(order.get());
            }
        }

        for (String id : ids) {
            until(id, "dev", ExportAttackIT::over);
        }
        assertThat(ids).hasSize(2);
        assertThat(vendorJobs("equal", "2026_Q1")).hasSize(1);
    }

    @Test
    void a_part_waits_for_a_folder_that_cannot_be_written_and_says_so() throws Exception {
        Path folder = directory.resolve("exports");
        Path aside = directory.resolve("aside");
        boolean there = Files.exists(folder);
        if (there) {
            Files.move(folder, aside);
        }
        Files.createFile(folder);
        String export = order("dev", "unwritable", "2026_Q1");

        JsonNode waiting = until(
                export, "dev", seen -> seen.at("/parts/0/error/type").asText().endsWith("storage-failed"));
        Files.delete(folder);
        if (there) {
            Files.move(aside, folder);
        }

        assertThat(waiting.at("/parts/0/state").asText()).isEqualTo("fetching");
        assertThat(waiting.at("/parts/0/error/detail").asText()).doesNotContain(directory.toString());
        JsonNode done = until(export, "dev", ExportAttackIT::over);
        assertThat(done.path("state").asText()).as(done.toPrettyString()).isEqualTo("done");
        assertThat(vendorJobs("unwritable", "2026_Q1")).hasSize(1);
    }

    @Test
    void a_file_that_has_vanished_is_fetched_again() throws Exception {
        JsonNode done = until(order("dev", "vanished", "2026_Q1"), "dev", ExportAttackIT::over);
        String result = done.at("/parts/0/result").asText();
        String before = get(result, "dev").body();
        try (Stream<Path> files = Files.list(directory.resolve("exports"))) {
            for (Path file : files.toList()) {
                if (Files.readString(file).equals(before)) {
                    Files.delete(file);
                }
            }
        }

        HttpResponse<String> lost = client.send(
                request(result, "dev").header("Range", "bytes=5-").build(), HttpResponse.BodyHandlers.ofString());

        assertThat(lost.statusCode()).as(lost.body()).isEqualTo(503);
        assertThat(lost.headers().firstValue("Retry-After")).isPresent();
        until(done.path("id").asText(), "dev", ExportAttackIT::over);
        assertThat(get(result, "dev").body()).isEqualTo(before);
        assertThat(vendorJobs("vanished", "2026_Q1")).hasSize(1);
    }

    @Test
    void a_quota_that_is_used_up_fails_at_once_and_says_when_it_returns() throws Exception {
        until(order("dev", "within", "2026_Q1"), "dev", ExportAttackIT::over);
        vendors.clari("{\"monthly_quota\":" + vendors.report().at("/state/quota_used") + "}");

        JsonNode failed = until(order("dev", "beyond", "2026_Q1"), "dev", ExportAttackIT::over);

        assertThat(failed.path("state").asText()).as(failed.toPrettyString()).isEqualTo("failed");
        JsonNode error = failed.at("/parts/0/error");
        assertThat(error.path("type").asText()).endsWith("quota-exhausted");
        assertThat(Instant.parse(error.path("until").asText())).isAfter(Instant.now());
        assertThat(failed.at("/parts/0/attempts").asInt()).isOne();
    }

    private static boolean over(JsonNode export) {
        return !List.of("queued", "running").contains(export.path("state").asText());
    }

    private static String[] quarters(int count) {
        return Stream.iterate(0, i -> i + 1)
                .limit(count)
                .map(i -> (2020 + i / 4) + "_Q" + (1 + i % 4))
                .toArray(String[]::new);
    }

    private static String order(String team, String forecast, String... periods) throws Exception {
        return orderWith(forecast + team, team, forecast, periods);
    }

    private static String orderWith(String key, String team, String forecast, String... periods) throws Exception {
        HttpResponse<String> answer = client.send(
                request("/api/exports", team)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .POST(BodyPublishers.ofString(JSON.createObjectNode()
                                .put("vendor", "clari")
                                .put("forecast", forecast)
                                .set("periods", JSON.valueToTree(periods))
                                .toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JSON.readTree(answer.body()).path("id").asText();
    }

    private static void cancel(String export, String team) throws Exception {
        HttpResponse<String> answer = client.send(
                request("/api/exports/" + export, team).DELETE().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static HttpResponse<String> submitOnMount(String forecast, String period) throws Exception {
        return client.send(
                request("/clari/v4/export/forecast/" + forecast, "bulk")
                        .header("Content-Type", "application/json")
                        .header("Prefer", "wait=60")
                        .POST(BodyPublishers.ofString("{\"timePeriod\":\"" + period + "\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String target, String team) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request(target, team).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static HttpRequest.Builder request(String target, String team) {
        return HttpRequest.newBuilder(sluice.uri(target)).header("Authorization", "Bearer " + Vendors.key(team));
    }

    private static List<JsonNode> vendorJobs(String forecast, String period) throws Exception {
        List<JsonNode> jobs = new ArrayList<>();
        vendors.jobs().stream()
                .filter(part -> part.path("forecast").asText().equals(forecast)
                        && part.path("period").asText().equals(period))
                .forEach(part -> part.path("jobs").forEach(jobs::add));
        return jobs;
    }

    private static JsonNode until(String export, String team, Predicate<JsonNode> so) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode seen = JSON.readTree(get("/api/exports/" + export, team).body());
            if (so.test(seen)) {
                return seen;
            }
            pause(end, seen.toPrettyString());
        }
    }

    /** Waits until the vendor has jobs of this kind, and all of them are in one of these states. */
    private static void untilAtVendor(String forecast, String period, Set<String> states) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            List<String> seen = vendorJobs(forecast, period).stream()
                    .map(job -> job.path("status").asText())
                    .toList();
            if (!seen.isEmpty() && states.containsAll(seen)) {
                return;
            }
            pause(end, seen.toString());
        }
    }

    private static void pause(long end, String still) throws IOException {
        if (System.nanoTime() - end > 0) {
            throw new AssertionError("not in time: " + still + "\n" + sluice.log());
        }
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
}
