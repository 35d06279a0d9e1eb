package io.sluice.sandbox.clari;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.Operations;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.Surface;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.LimitSpec;
import io.sluice.sandbox.limits.LimiterKind;
import io.sluice.sandbox.limits.Limits;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Clari's Revenue API: {@code /v4}, and {@code /v2} for ingest. */
public final class ClariSurface implements Surface {
    /**
     * The limits: ingest is documented; for the rest a client's author assumes 10 per second. Slots and quota:
     * {@link ClariJobs}.
     */
    public static final List<LimitSpec> LIMITS = List.of(
            LimitSpec.of("api", LimiterKind.SLIDING, 10, Duration.ofSeconds(1)),
            LimitSpec.of("ingest", LimiterKind.SLIDING, 100, Duration.ofSeconds(1)));

    private static final Charge API = Charge.of("api");
    private static final Charge INGEST = Charge.of("ingest");

    private final SandboxConfig.Clari config;
    private final Settings settings;
    private final Operations operations = new Operations();

    private ClariSurface(SandboxConfig.Clari config, Settings settings) {
        this.config = config;
        this.settings = settings;
    }

    public static Vendor vendor(SandboxConfig sandbox, Limits limits, SandboxClock clock) {
        SandboxConfig.Clari config = sandbox.clari();
        Settings settings = new Settings()
                .with(Settings.LATENCY_MS, config.latency().toMillis())
                .with(Settings.JITTER_MS, config.jitter().toMillis())
                .with(Settings.LIMIT_HEADERS, config.limitHeaders())
                .with("concurrent_limit", config.concurrentLimit())
                .with("monthly_quota", config.monthlyQuota())
                .with("scheduled_ms", config.scheduledFor().toMillis())
                .with("started_ms", config.startedFor().toMillis())
                .with("done_state", config.doneState())
                .with("job_envelope", config.jobEnvelope())
                .with("audit_events", config.auditEvents());
        ClariJobs jobs = new ClariJobs(clock, settings, sandbox.maxRecords());
        ClariIngest ingest = new ClariIngest(clock, settings, sandbox.maxRecords());
        ClariSurface surface = new ClariSurface(config, settings);
        surface.routes(jobs, ingest);
        return new Vendor("clari", limits, settings, new ClariState(jobs, ingest), List.of(surface));
    }

    private void routes(ClariJobs jobs, ClariIngest ingest) {
        String job = "/v4/export/jobs/{job}";
        operations
                .on("export-forecast", "POST", "/v4/export/forecast/{forecast}", jobs::exportForecast, API)
                .on("export-activity", "POST", "/v4/export/activity", jobs::exportActivity, API)
                .on("export-audit-events", "POST", "/v4/export/audit/events", jobs::exportAudit, API)
                .on("list-jobs", "GET", "/v4/export/jobs", jobs::list, API)
                .on("read-job", "GET", job, jobs::read, API)
                .on("cancel-job", "PATCH", job, jobs::cancel, API)
                .on("results", "GET", job + "/results", jobs::results, API)
                .on("limits", "GET", "/v4/admin/limits", jobs::limits, API)
                .on(
                        "audit-events",
                        "GET",
                        "/v4/audit/events",
                        call -> ClariReads.auditEvents(call, settings.number("audit_events")),
                        API)
                .on("opportunities", "GET", "/v4/opportunity", ClariReads::opportunities, API)
                .on("read-forecast", "GET", "/v4/forecast/{forecast}", ClariReads::forecast, API)
                .on("ingest", "POST", "/v2/ingest/entity/{entity}", ingest::records, INGEST)
                .sink("big-upload", "POST", "/v2/ingest/bulk/entity/big", INGEST)
                .on("ingest-bulk", "POST", "/v2/ingest/bulk/entity/{entity}", ingest::file, INGEST)
                .on("read-ingest-job", "GET", "/v2/ingest/job/{job}", ingest::job, INGEST)
                .big("/v4/sandbox-big", API)
                .otherwise(call -> ClariErrors.edge(404, "there is nothing at this path"), API);
    }

    @Override
    public String mount() {
        return "/sandbox/clari";
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public boolean admits(Call call) {
        return config.apiKey().equals(call.header("apikey"));
    }

    @Override
    public SandboxResponse unauthorized() {
        return SandboxResponse.json(401, Json.of("message", "Invalid authentication credentials"));
    }

    @Override
    public SandboxResponse tooMany(Limits.Decision.Rejected rejected) {
        SandboxResponse answer = ClariErrors.edge(429, "too many requests");
        return settings.flag(Settings.LIMIT_HEADERS)
                ? answer.with(
                        "Retry-After", Long.toString(Math.ceilDiv(rejected.waitNanos(), TimeUnit.SECONDS.toNanos(1))))
                : answer;
    }

    @Override
    public SandboxResponse malformed(String detail) {
        return ClariErrors.of(400, "exports", "bad_request", detail);
    }

    @Override
    public SandboxResponse tooLarge() {
        return ClariErrors.edge(413, "the body is too large");
    }

    /** The state of an organization. */
    private record ClariState(ClariJobs jobs, ClariIngest ingest) implements Vendor.State {
        @Override
        public JsonObject summary() {
            return jobs.summary().mergeIn(ingest.summary());
        }

        @Override
        public JsonObject details(String part) {
            return jobs.details(part);
        }

        @Override
        public void reset() {
            jobs.reset();
            ingest.reset();
        }
    }
}
