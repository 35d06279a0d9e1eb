package io.sluice.sandbox.clari;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.ControlException;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.MalformedCallException;
import io.sluice.sandbox.http.RefusedException;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An organization's export jobs, its slots and its quota. Guarded by the lock of its {@link Vendor}. */
final class ClariJobs implements Vendor.State {
    /** The name of a forecast that does not exist. */
    static final String NO_SUCH_FORECAST = "no_such_forecast";

    /** The name of a forecast whose export is accepted, but whose job fails. */
    static final String FAILING_FORECAST = "failing_forecast";

    /** The prefix of names whose result has as many bytes as the number that follows. */
    private static final String BIG = "big-";

    private static final Pattern PERIOD = Pattern.compile("\\d{4}_Q[1-4]");
    private static final long QUOTA_MS = TimeUnit.DAYS.toMillis(30);
    private static final List<String> OPTIONS = List.of(
            "timePeriod", "typesToExport", "scopeId", "currency", "schedule", "includeHistorical", "exportFormat");

    private final SandboxClock clock;
    private final Settings settings;
    private final int maxRecords;
    private final Map<String, ClariJob> jobs = new LinkedHashMap<>();
    private long lastId;
    private long refused;

    ClariJobs(SandboxClock clock, Settings settings, int maxRecords) {
        this.clock = clock;
        this.settings = settings;
        this.maxRecords = maxRecords;
    }

    /**
     * Creates an export job. Options come in the body or in the query; an option that is unknown or misspelt falls back
     * to the default, silently.
     */
    SandboxResponse exportForecast(Call call) {
        String forecast = call.parameter("forecast");
        if (forecast.equals(NO_SUCH_FORECAST)) {
            return ClariErrors.of(400, "fcw", "no_such_forecast_config", "no forecast with the id " + forecast);
        }
        JsonObject asked = call.json();
        JsonObject options = new JsonObject();
        for (String option : OPTIONS) {
            if (asked.containsKey(option)) {
                options.put(option, asked.getValue(option));
            } else if (call.query(option) != null) {
                options.put(option, call.query(option));
            }
        }
        String period = String.valueOf(options.getValue("timePeriod"));
        String format = "CSV".equals(options.getString("exportFormat")) ? "CSV" : "JSON";
        return submit(
                200,
                new ClariJob.Order(
                        "FORECAST",
                        forecast,
                        PERIOD.matcher(period).matches() ? period : currentQuarter(),
                        format,
                        options));
    }

    private String currentQuarter() {
        YearMonth now = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
        return now.getYear() + "_Q" + (now.getMonthValue() + 2) / 3;
    }

    SandboxResponse exportActivity(Call call) {
        return submit(202, new ClariJob.Order("ACTIVITY", "activity", "", "JSON", call.json()));
    }

    SandboxResponse exportAudit(Call call) {
        return submit(202, new ClariJob.Order("AUDIT", "audit", "", "JSON", call.json()));
    }

    private SandboxResponse submit(int status, ClariJob.Order order) {
        long now = clock.millis();
        if (running(now) >= settings.number("concurrent_limit") || usedQuota(now) >= settings.number("monthly_quota")) {
            refused++;
            return ClariErrors.of(
                    400,
                    "exports",
                    "export_monthly_quota_reached",
                    "the monthly quota of %d or the concurrent limit of %d is reached"
                            .formatted(settings.number("monthly_quota"), settings.number("concurrent_limit")));
        }
        StoreFullException.check("Clari jobs", jobs.size(), maxRecords);
        // Begins with the time, so that ids of an earlier process are not reused.
        String id = "%08x%016x".formatted(TimeUnit.MILLISECONDS.toSeconds(now), ++lastId);
        ClariJob.State end = order.subject().equals(FAILING_FORECAST) ? ClariJob.State.FAILED : ClariJob.State.DONE;
        jobs.put(id, new ClariJob(id, order, now, settings.number("scheduled_ms"), settings.number("started_ms"), end));
        return SandboxResponse.json(
                status, settings.flag("job_envelope") ? Json.of("job", Json.of("id", id)) : Json.of("jobId", id));
    }

    private long running(long now) {
        return jobs.values().stream().filter(job -> !job.state(now).over()).count();
    }

    private long usedQuota(long now) {
        return jobs.values().stream()
                .filter(job -> job.counted() && now - job.createdAt() < QUOTA_MS)
                .count();
    }

    SandboxResponse list(Call call) {
        long now = clock.millis();
        return SandboxResponse.json(
                200,
                jobs.values().stream().map(job -> job.json(now, doneState())).collect(Json.toArray()));
    }

    private String doneState() {
        return settings.text("done_state");
    }

    SandboxResponse read(Call call) {
        JsonObject json = job(call).json(clock.millis(), doneState());
        return SandboxResponse.json(200, settings.flag("job_envelope") ? Json.of("job", json) : json);
    }

    private ClariJob job(Call call) {
        String id = call.parameter("job");
        ClariJob job = jobs.get(id);
        if (job == null) {
            throw new RefusedException(ClariErrors.of(404, "exports", "invalid_jobId", "no job with the id " + id));
        }
        return job;
    }

    SandboxResponse cancel(Call call) {
        if (!"CANCEL".equals(call.json().getString("type"))) {
            return ClariErrors.of(400, "exports", "bad_request", "type must be CANCEL");
        }
        if (!job(call).cancel(clock.millis())) {
            return ClariErrors.of(400, "exports", "export_failed_to_cancel", "the job is over already");
        }
        return SandboxResponse.json(200, Json.of("status", "CANCELLED", "successful", true));
    }

    SandboxResponse results(Call call) {
        String id = call.parameter("job");
        if (id.startsWith(BIG)) {
            return big(id);
        }
        ClariJob job = job(call);
        if (job.state(clock.millis()) != ClariJob.State.DONE) {
            return ClariErrors.of(400, "exports", "invalid_jobId", "the job has no results: " + id);
        }
        job.downloaded();
        return job.order().subject().startsWith(BIG) ? big(job.order().subject()) : ClariResults.of(job);
    }

    private static SandboxResponse big(String id) {
        try {
            return SandboxResponse.generated(Long.parseLong(id.substring(BIG.length())), "application/octet-stream");
        } catch (NumberFormatException wrong) {
            throw new MalformedCallException("big-N needs a number of bytes: " + id);
        }
    }

    SandboxResponse limits(Call call) {
        long now = clock.millis();
        long running = running(now);
        JsonObject limits = Json.of(
                "concurrentLimit", settings.number("concurrent_limit"),
                "monthlyQuota", settings.number("monthly_quota"),
                "availableConcurrentLimit", Math.max(0, settings.number("concurrent_limit") - running),
                "availableMonthlyQuota", Math.max(0, settings.number("monthly_quota") - usedQuota(now)));
        JsonArray started = ids(now, ClariJob.State.STARTED);
        if (!started.isEmpty()) {
            limits.put("runningJobIds", started);
        }
        return SandboxResponse.json(
                200, Json.of("jobs", limits.put("submittedJobIds", ids(now, ClariJob.State.SCHEDULED))));
    }

    private JsonArray ids(long now, ClariJob.State state) {
        return jobs.values().stream()
                .filter(job -> job.state(now) == state)
                .map(ClariJob::id)
                .collect(Json.toArray());
    }

    @Override
    public JsonObject summary() {
        long now = clock.millis();
        Map<String, Long> states = new TreeMap<>();
        jobs.values().forEach(job -> states.merge(job.state(now).name(), 1L, Long::sum));
        JsonObject byState = new JsonObject();
        states.forEach(byState::put);
        return Json.of(
                "jobs_created",
                jobs.size(),
                "jobs_refused",
                refused,
                "jobs_by_state",
                byState,
                "quota_used",
                usedQuota(now));
    }

    /** {@code jobs}: the jobs that were created for each forecast and period. */
    @Override
    public JsonObject details(String part) {
        if (!part.equals("jobs")) {
            throw new ControlException(404, "clari has no report " + part + ", there is jobs");
        }
        long now = clock.millis();
        Map<String, JsonObject> parts = new LinkedHashMap<>();
        for (ClariJob job : jobs.values()) {
            JsonObject entry = parts.computeIfAbsent(
                    job.order().subject() + " " + job.order().period(),
                    absent -> Json.of(
                            "forecast", job.order().subject(),
                            "period", job.order().period(),
                            "jobs", new JsonArray()));
            entry.getJsonArray("jobs")
                    .add(job.json(now, "DONE").put("options", job.order().options()));
        }
        Stream<JsonObject> entries = parts.values().stream();
        return Json.of(
                "parts",
                entries.map(entry ->
                                entry.put("count", entry.getJsonArray("jobs").size()))
                        .collect(Json.toArray()));
    }

    @Override
    public void reset() {
        jobs.clear();
        refused = 0;
    }
}
