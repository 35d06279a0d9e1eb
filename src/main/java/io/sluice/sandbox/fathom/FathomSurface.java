package io.sluice.sandbox.fathom;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.MalformedCallException;
import io.sluice.sandbox.http.Operations;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.Surface;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.LimitSpec;
import io.sluice.sandbox.limits.Limiter;
import io.sluice.sandbox.limits.LimiterKind;
import io.sluice.sandbox.limits.Limits;
import io.sluice.sandbox.limits.SandboxClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Fathom's External API, simulated. Its errors declare no body. */
public final class FathomSurface implements Surface {
    /** The limits of the fact sheet: 60 calls, 30 heavy ones and 30 downloads per minute. */
    public static final List<LimitSpec> LIMITS = List.of(
            LimitSpec.of("account", LimiterKind.FIXED, 60, Duration.ofMinutes(1)),
            LimitSpec.of("heavy", LimiterKind.FIXED, 30, Duration.ofMinutes(1)),
            LimitSpec.of("download", LimiterKind.FIXED, 30, Duration.ofMinutes(1)));

    private static final String V1 = "/external/v1";
    private static final Charge ACCOUNT = Charge.of("account");
    private static final Charge HEAVY = Charge.of("heavy");

    private final SandboxConfig.Fathom config;
    private final Settings settings;
    private final Operations operations = new Operations();

    private FathomSurface(SandboxConfig.Fathom config, Settings settings) {
        this.config = config;
        this.settings = settings;
    }

    public static Vendor vendor(SandboxConfig sandbox, Limits limits, SandboxClock clock) {
        SandboxConfig.Fathom config = sandbox.fathom();
        Settings settings = new Settings()
                .with(Settings.LATENCY_MS, config.latency().toMillis())
                .with(Settings.JITTER_MS, config.jitter().toMillis())
                .with(Settings.LIMIT_HEADERS, config.limitHeaders())
                .with("meetings", config.meetings())
                .with("download_ms", config.downloadFor().toMillis());
        FathomSurface surface = new FathomSurface(config, settings);
        FathomMeetings meetings = new FathomMeetings(settings);
        FathomState state = new FathomState(clock, settings, meetings, sandbox.maxRecords());
        surface.routes(meetings, state);
        return new Vendor("fathom", limits, settings, state, List.of(surface));
    }

    private void routes(FathomMeetings meetings, FathomState state) {
        String recording = V1 + "/recordings/{recording}";
        operations
                .on(
                        "list-meetings",
                        "GET",
                        V1 + "/meetings",
                        meetings::list,
                        ACCOUNT,
                        Charge.when("heavy", FathomSurface::heavy))
                .on("summary", "GET", recording + "/summary", meetings::summary, ACCOUNT, HEAVY)
                .on("transcript", "GET", recording + "/transcript", meetings::transcript, ACCOUNT, HEAVY)
                .on("download", "POST", recording + "/download", state::download, ACCOUNT, Charge.of("download"))
                .on("read-download", "GET", recording + "/downloads/{download}", state::readDownload, ACCOUNT)
                .on("list-meeting-types", "GET", V1 + "/meeting_types", meetings::types, ACCOUNT)
                .on("list-teams", "GET", V1 + "/teams", meetings::teams, ACCOUNT)
                .on("list-team-members", "GET", V1 + "/team_members", meetings::members, ACCOUNT)
                .on("create-webhook", "POST", V1 + "/webhooks", state::createWebhook, ACCOUNT)
                .on("delete-webhook", "DELETE", V1 + "/webhooks/{webhook}", state::deleteWebhook, ACCOUNT)
                .big(V1 + "/sandbox-big", ACCOUNT)
                .otherwise(call -> SandboxResponse.empty(404), ACCOUNT);
    }

    private static boolean heavy(Call call) {
        return call.queryFlag("include_summary") || call.queryFlag("include_transcript");
    }

    @Override
    public String mount() {
        return "/sandbox/fathom";
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public boolean admits(Call call) {
        return config.apiKey().equals(call.header("X-Api-Key"))
                || ("Bearer " + config.apiKey()).equals(call.header("Authorization"));
    }

    @Override
    public SandboxResponse unauthorized() {
        return SandboxResponse.empty(401);
    }

    @Override
    public SandboxResponse tooMany(Limits.Decision.Rejected rejected) {
        return SandboxResponse.empty(429)
                .with("Retry-After", Long.toString(Math.max(1, seconds(rejected.waitNanos()))))
                .with(limitHeaders(List.of(rejected.reading())));
    }

    /** The headers of the narrowest limit that the call is under. */
    @Override
    public Map<String, String> limitHeaders(List<Limiter.Status> readings) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (settings.flag(Settings.LIMIT_HEADERS)) {
            readings.stream()
                    .min(Comparator.comparingInt(Limiter.Status::remaining))
                    .ifPresent(narrowest -> {
                        headers.put("RateLimit-Limit", Integer.toString(narrowest.limit()));
                        headers.put("RateLimit-Remaining", Integer.toString(narrowest.remaining()));
                        headers.put("RateLimit-Reset", Long.toString(seconds(narrowest.resetNanos())));
                    });
        }
        return headers;
    }

    private static long seconds(long nanos) {
        return Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
    }

    @Override
    public SandboxResponse malformed(String detail) {
        return SandboxResponse.empty(400);
    }

    @Override
    public SandboxResponse tooLarge() {
        return SandboxResponse.empty(413);
    }

    /** An opaque cursor that stands for an offset. */
    static String cursor(long offset) {
        return Base64.getUrlEncoder().encodeToString(("{\"o\":" + offset + "}").getBytes(StandardCharsets.UTF_8));
    }

    /** The offset that a cursor stands for; zero without one. */
    static long offset(Call call) {
        String cursor = call.query("cursor");
        if (cursor == null) {
            return 0;
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            return Long.parseLong(text.substring("{\"o\":".length(), text.length() - 1));
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException notOurs) {
            throw new MalformedCallException("the cursor is not one of ours");
        }
    }
}
