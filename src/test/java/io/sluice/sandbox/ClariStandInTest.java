package io.sluice.sandbox;

import static io.sluice.sandbox.SandboxServer.CLARI;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sandbox.http.Json;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClariStandInTest {
    private static final String V4 = "/sandbox/clari/v4";

    private final SandboxServer sandbox = SandboxServer.start("limits.clari.api.permits", "1000");

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private SandboxServer.Reply submit(String forecast, String period) {
        return sandbox.post(V4 + "/export/forecast/" + forecast, Json.of("timePeriod", period), CLARI);
    }

    private JsonObject job(String id) {
        return sandbox.get(V4 + "/export/jobs/" + id, CLARI).json();
    }

    @Test
    void a_job_goes_from_scheduled_over_started_to_done_and_leaves_its_result() {
        String id = submit("net_bookings", "2026_Q3").json().getString("jobId");
        String results = V4 + "/export/jobs/" + id + "/results";

        assertThat(job(id).getString("status")).isEqualTo("SCHEDULED");
        sandbox.advance(Duration.ofSeconds(1));
        assertThat(job(id).getString("status")).isEqualTo("STARTED");
        assertThat(sandbox.get(results, CLARI).json().getString("code")).isEqualTo("invalid_jobId");
        sandbox.advance(Duration.ofSeconds(4));
        JsonObject done = job(id);
        assertThat(done.getString("status")).isEqualTo("DONE");
        assertThat(done.getLong("expiredTime") - done.getLong("endTime"))
                .isEqualTo(Duration.ofDays(30).toMillis());
        JsonObject result = sandbox.get(results, CLARI).json();
        assertThat(result.fieldNames()).containsExactly("entries", "users", "fields", "timePeriods", "timeFrames");
        assertThat(result.getJsonArray("timePeriods").getJsonObject(0).getString("timePeriodId"))
                .isEqualTo("2026_Q3");
        assertThat(sandbox.get(results, CLARI).text()).isEqualTo(result.encode());
    }

    @Test
    void a_misspelt_period_silently_becomes_the_current_quarter() {
        String id = submit("net_bookings", "2026-Q3").json().getString("jobId");
        sandbox.advance(Duration.ofSeconds(5));

        JsonObject result =
                sandbox.get(V4 + "/export/jobs/" + id + "/results", CLARI).json();

        assertThat(result.getJsonArray("timePeriods").getJsonObject(0).getString("timePeriodId"))
                .isEqualTo("2026_Q3"); // the test's clock stands in September 2026
        assertThat(sandbox.get("/sandbox/report/clari/jobs")
                        .json()
                        .getJsonArray("parts")
                        .getJsonObject(0)
                        .getString("period"))
                .isEqualTo("2026_Q3");
    }

    @Test
    void the_concurrent_limit_and_the_quota_share_one_answer_and_only_limits_tells_them_apart() {
        for (int i = 1; i <= 3; i++) {
            assertThat(submit("net_bookings", "2026_Q" + i).status()).isEqualTo(200);
        }

        SandboxServer.Reply refused = submit("net_bookings", "2026_Q4");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().getString("code")).isEqualTo("export_monthly_quota_reached");
        JsonObject limits = sandbox.get(V4 + "/admin/limits", CLARI).json().getJsonObject("jobs");
        assertThat(limits.getInteger("availableConcurrentLimit")).isZero();
        assertThat(limits.getInteger("availableMonthlyQuota")).isEqualTo(997);
        assertThat(limits.containsKey("runningJobIds")).isFalse();
        assertThat(limits.getJsonArray("submittedJobIds")).hasSize(3);
    }

    @Test
    void the_quota_counts_thirty_rolling_days_and_cancelling_gives_back() {
        sandbox.send("PUT", "/sandbox/settings/clari", Json.of("monthly_quota", 2));
        String first = submit("a", "2026_Q1").json().getString("jobId");
        submit("a", "2026_Q2");
        assertThat(submit("a", "2026_Q3").status()).isEqualTo(400);
        JsonObject cancel = Json.of("type", "CANCEL");

        SandboxServer.Reply cancelled = sandbox.send("PATCH", V4 + "/export/jobs/" + first, cancel, CLARI);

        assertThat(cancelled.json()).isEqualTo(Json.of("status", "CANCELLED", "successful", true));
        assertThat(job(first).getString("status")).isEqualTo("CANCELLED");
        assertThat(sandbox.send("PATCH", V4 + "/export/jobs/" + first, cancel, CLARI)
                        .json()
                        .getString("code"))
                .isEqualTo("export_failed_to_cancel");
        assertThat(submit("a", "2026_Q3").status()).isEqualTo(200);
        sandbox.advance(Duration.ofDays(1));
        assertThat(submit("a", "2026_Q4").status()).isEqualTo(400);
        sandbox.advance(Duration.ofDays(29));
        assertThat(submit("a", "2026_Q4").status()).isEqualTo(200);
    }

    @Test
    void both_envelopes_and_the_old_word_for_done_can_be_had() {
        sandbox.send("PUT", "/sandbox/settings/clari", Json.of("job_envelope", true, "done_state", "COMPLETED"));
        String id = submit("a", "2026_Q1").json().getJsonObject("job").getString("id");
        sandbox.advance(Duration.ofSeconds(5));

        assertThat(job(id).getJsonObject("job").getString("status")).isEqualTo("COMPLETED");
    }

    @Test
    void failing_and_unknown_forecasts_say_so() {
        String failing = submit("failing_forecast", "2026_Q1").json().getString("jobId");
        sandbox.advance(Duration.ofSeconds(5));

        assertThat(job(failing).getString("status")).isEqualTo("FAILED");
        assertThat(submit("no_such_forecast", "2026_Q1").json().getString("code"))
                .isEqualTo("no_such_forecast_config");
    }

    @Test
    void the_report_counts_jobs_per_forecast_and_period() {
        submit("a", "2026_Q1");
        submit("a", "2026_Q1");
        submit("b", "2026_Q1");

        assertThat(sandbox.get("/sandbox/report/clari/jobs").json().getJsonArray("parts").stream()
                        .map(JsonObject.class::cast)
                        .map(part -> part.getString("forecast") + " " + part.getInteger("count")))
                .containsExactly("a 2", "b 1");
        assertThat(sandbox.state("clari").getInteger("jobs_created")).isEqualTo(3);
    }

    @Test
    void audit_events_are_paged_by_absolute_links_to_where_they_were_asked() {
        JsonObject first = sandbox.get(V4 + "/audit/events?limit=200", CLARI).json();
        String next = first.getString("nextLink");

        assertThat(first.getJsonArray("items")).hasSize(200);
        assertThat(next).startsWith("http://localhost:" + sandbox.port() + V4 + "/audit/events?limit=200&");
        JsonObject second =
                sandbox.get(next.substring(next.indexOf("/sandbox")), CLARI).json();
        assertThat(second.getJsonArray("items")).hasSize(50);
        assertThat(second.getValue("nextLink")).isNull();
        assertThat(sandbox.get(V4 + "/audit/events?limit=1001", CLARI).status()).isEqualTo(400);
    }

    @Test
    void at_most_a_hundred_opportunities_come_at_once() {
        String hundred = IntStream.range(0, 100).mapToObj(i -> "oppId=" + i).collect(Collectors.joining("&"));

        assertThat(sandbox.get(V4 + "/opportunity?" + hundred, CLARI).array()).hasSize(100);
        assertThat(sandbox.get(V4 + "/opportunity?oppId=x&" + hundred, CLARI).status())
                .isEqualTo(400);
    }

    @Test
    void ingest_takes_a_hundred_records_and_files_as_jobs() {
        String ingest = "/sandbox/clari/v2/ingest";

        assertThat(sandbox.post(ingest + "/entity/deal", "[{\"id\":1}]", CLARI).status())
                .isEqualTo(200);
        assertThat(sandbox.post(ingest + "/entity/deal", "[]", CLARI).json().containsKey("error"))
                .isTrue();
        SandboxServer.Reply file = sandbox.post(ingest + "/bulk/entity/deal", "a,b\n1,2\n", CLARI);
        assertThat(file.status()).isEqualTo(202);
        String job = ingest + "/job/" + file.json().getString("jobId");
        assertThat(sandbox.get(job, CLARI).status()).isEqualTo(202);
        sandbox.advance(Duration.ofSeconds(4));
        assertThat(sandbox.get(job, CLARI).json().getJsonObject("message").getString("status"))
                .isEqualTo("SUCCESS");
    }

    @Test
    void a_wrong_key_is_refused_by_the_edge() {
        SandboxServer.Reply refused = sandbox.get(V4 + "/export/jobs", "apikey: other");

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().getString("message")).isEqualTo("Invalid authentication credentials");
    }
}
