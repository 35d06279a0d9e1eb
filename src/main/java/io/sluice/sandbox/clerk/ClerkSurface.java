package io.sluice.sandbox.clerk;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.ControlException;
import io.sluice.sandbox.http.Json;
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
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Clerk's Backend API, simulated. Times are epoch milliseconds, and every body is exactly {@code application/json}. */
public final class ClerkSurface implements Surface {
    /** The modulus of a public key whose private half is gone: it verifies nothing. */
    private static final String MODULUS =
            "w26yZ1uuUeMTNrfbr_0y1MiIB28PY-OwRiLSyOFPnAnez2b4l0o6_d_TnoKTHQYi1N-yx6WtJ8GFIq6h"
                    + "cYk8t_XqZdiGJljjUZ39H5AeYEQkMjsXHndLixDtqz6_vF9NnQqONeD4_LHD-zhEA11Th5d0z0si9wpr"
                    + "wmjZvESeAylbVqu7vCB8ujOIOUWxAWQvPG2EyYkdlkn_yDLy0xhINnsm6NhWo2K6mjLy73MB9dS3Gk67"
                    + "OVcwFcfr0mx-d1FtpOnBZaCctpOEe6BvT7Xc--cDYMFRTx8Czjo0FoGyT69tYlsXRmJ_X_vvsnQQ3ZKn"
                    + "rDOUirj1zdLf4PRyYvnmLw";

    private static final Charge INSTANCE = Charge.of("instance");

    private final SandboxConfig.Clerk config;
    private final Settings settings;
    private final Operations operations = new Operations();
    private final SandboxClock clock;
    private long lastToken; // guarded by the vendor's lock

    private ClerkSurface(SandboxConfig.Clerk config, Settings settings, SandboxClock clock) {
        this.config = config;
        this.settings = settings;
        this.clock = clock;
    }

    /** The limits of the fact sheet's table; the instance's depends on the kind of key. */
    public static List<LimitSpec> limits(SandboxConfig.Clerk config) {
        int perInstance = config.secretKey().startsWith("sk_live_") ? 1000 : 100;
        return List.of(
                limit("instance", perInstance, Duration.ofSeconds(10)),
                limit("user-update", 10, Duration.ofSeconds(10)),
                limit("organization-update", 10, Duration.ofSeconds(10)),
                limit("membership-update", 10, Duration.ofSeconds(10)),
                limit("invitations", 100, Duration.ofHours(1)),
                limit("invitations-bulk", 25, Duration.ofHours(1)),
                limit("organization-invitations", 250, Duration.ofHours(1)),
                limit("organization-invitations-bulk", 50, Duration.ofHours(1)));
    }

    private static LimitSpec limit(String name, int permits, Duration window) {
        return LimitSpec.of(name, LimiterKind.SLIDING, permits, window);
    }

    public static Vendor vendor(SandboxConfig sandbox, Limits limits, SandboxClock clock) {
        SandboxConfig.Clerk config = sandbox.clerk();
        Settings settings = new Settings()
                .with(Settings.LATENCY_MS, config.latency().toMillis())
                .with(Settings.JITTER_MS, config.jitter().toMillis())
                .with(Settings.LIMIT_HEADERS, config.limitHeaders())
                .with("user_quota", config.userQuota());
        ClerkUsers users = new ClerkUsers(clock, settings, sandbox.maxRecords(), config.users());
        ClerkOrganizations organizations = new ClerkOrganizations(clock, users, sandbox.maxRecords());
        ClerkInvitations invitations = new ClerkInvitations(clock, organizations, sandbox.maxRecords());
        ClerkSurface surface = new ClerkSurface(config, settings, clock);
        users.routes(surface.operations);
        organizations.routes(surface.operations);
        invitations.routes(surface.operations);
        surface.rest();
        return new Vendor(
                "clerk", limits, settings, new ClerkState(users, organizations, invitations), List.of(surface));
    }

    private void rest() {
        operations
                .open("jwks", "GET", "/v1/jwks", call -> SandboxResponse.json(200, jwks()))
                .on("list-sessions", "GET", "/v1/sessions", ClerkSurface::sessions, INSTANCE)
                .on(
                        "read-session",
                        "GET",
                        "/v1/sessions/{session}",
                        call -> ClerkErrors.notFound("session", call.parameter("session")),
                        INSTANCE)
                .on("create-m2m-token", "POST", "/m2m_tokens", this::machineToken, INSTANCE)
                .on(
                        "list-m2m-tokens",
                        "GET",
                        "/m2m_tokens",
                        call -> SandboxResponse.json(200, Json.of("m2m_tokens", new JsonArray(), "total_count", 0)),
                        INSTANCE)
                .on(
                        "list-api-keys",
                        "GET",
                        "/api_keys",
                        call -> SandboxResponse.json(200, Json.of("data", new JsonArray(), "total_count", 0)),
                        INSTANCE)
                .big("/v1/sandbox-big", INSTANCE)
                .otherwise(call -> ClerkErrors.notFound("resource", call.path()), INSTANCE);
    }

    private static JsonObject jwks() {
        return Json.of(
                "keys",
                Json.array(Json.of(
                        "use", "sig",
                        "kty", "RSA",
                        "kid", "ins_sandbox",
                        "alg", "RS256",
                        "n", MODULUS,
                        "e", "AQAB")));
    }

    private static SandboxResponse sessions(Call call) {
        if (call.query("user_id") == null && call.query("client_id") == null) {
            throw ClerkErrors.invalid("user_id", "user_id or client_id must be there");
        }
        return call.queryFlag("paginated")
                ? SandboxResponse.json(200, Json.of("data", new JsonArray(), "total_count", 0))
                : SandboxResponse.json(200, new JsonArray());
    }

    private SandboxResponse machineToken(Call call) {
        long now = clock.millis();
        String id = "mt_" + ++lastToken;
        return SandboxResponse.json(
                201,
                Json.of(
                        "object",
                        "machine_to_machine_token",
                        "id",
                        id,
                        "subject",
                        "mch_sandbox",
                        "claims",
                        call.json().getJsonObject("claims"),
                        "token",
                        "mt_sandbox_" + lastToken,
                        "revoked",
                        false,
                        "expired",
                        false,
                        "created_at",
                        now,
                        "updated_at",
                        now));
    }

    @Override
    public String mount() {
        return "/sandbox/clerk";
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public boolean admits(Call call) {
        String given = call.header("Authorization");
        return ("Bearer " + config.secretKey()).equals(given)
                || (call.path().startsWith("/m2m_tokens") && ("Bearer " + config.machineSecretKey()).equals(given));
    }

    @Override
    public SandboxResponse unauthorized() {
        return ClerkErrors.of(401, "clerk_key_invalid", "the secret key is not one of this instance", null);
    }

    @Override
    public SandboxResponse tooMany(Limits.Decision.Rejected rejected) {
        long seconds = Math.max(1, Math.ceilDiv(rejected.waitNanos(), TimeUnit.SECONDS.toNanos(1)));
        return ClerkErrors.of(429, "too_many_requests", "too many requests", Json.of("resets_in", seconds))
                .with("Retry-After", Long.toString(seconds))
                .with(limitHeaders(List.of(rejected.reading())));
    }

    @Override
    public Map<String, String> limitHeaders(List<Limiter.Status> readings) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (settings.flag(Settings.LIMIT_HEADERS) && !readings.isEmpty()) {
            Limiter.Status instance = readings.getFirst();
            headers.put("X-RateLimit-Limit", Integer.toString(instance.limit()));
            headers.put("X-RateLimit-Remaining", Integer.toString(instance.remaining()));
            headers.put(
                    "X-RateLimit-Reset",
                    Long.toString(Math.ceilDiv(instance.resetNanos(), TimeUnit.SECONDS.toNanos(1))));
        }
        return headers;
    }

    @Override
    public SandboxResponse malformed(String detail) {
        return ClerkErrors.of(400, "request_body_invalid", detail, null);
    }

    @Override
    public SandboxResponse tooLarge() {
        return ClerkErrors.of(413, "request_body_too_large", "the body is too large", null);
    }

    /** The state of an instance. */
    private record ClerkState(ClerkUsers users, ClerkOrganizations organizations, ClerkInvitations invitations)
            implements Vendor.State {
        @Override
        public JsonObject summary() {
            return new JsonObject()
                    .mergeIn(users.summary())
                    .mergeIn(organizations.summary())
                    .mergeIn(invitations.summary());
        }

        @Override
        public JsonObject details(String part) {
            return switch (part) {
                case "users" -> users.details();
                case "invitations" -> invitations.details();
                default ->
                    throw new ControlException(404, "clerk has no report " + part + ", there are users, invitations");
            };
        }

        @Override
        public void reset() {
            users.reset();
            organizations.reset();
            invitations.reset();
        }
    }
}
