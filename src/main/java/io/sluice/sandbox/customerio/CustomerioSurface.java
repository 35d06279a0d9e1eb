package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Operations;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.Surface;
import io.sluice.sandbox.limits.Limiter;
import io.sluice.sandbox.limits.Limits;
import io.sluice.sandbox.limits.SandboxClock;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The common base of Customer.io's APIs: their errors for credentials, limits and sizes. */
public abstract class CustomerioSurface implements Surface {
    final Operations operations = new Operations();

    private final String mount;
    private final String authorization;
    final Settings settings;
    private final SandboxClock clock;

    /**
     * @param api the last part of the mount
     * @param authorization the header that calls must carry
     */
    public CustomerioSurface(String api, String authorization, Settings settings, SandboxClock clock) {
        this.mount = "/sandbox/customerio/" + api;
        this.authorization = authorization;
        this.settings = settings;
        this.clock = clock;
    }

    public static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public final String mount() {
        return mount;
    }

    @Override
    public final Operations operations() {
        return operations;
    }

    @Override
    public final boolean admits(Call call) {
        return authorization.equals(call.header("Authorization"));
    }

    @Override
    public final SandboxResponse unauthorized() {
        return SandboxResponse.empty(401);
    }

    /** Bare by default: the vendor documents neither body nor headers for it. */
    @Override
    public final SandboxResponse tooMany(Limits.Decision.Rejected rejected) {
        SandboxResponse answer = SandboxResponse.empty(429);
        return settings.flag(Settings.LIMIT_HEADERS)
                ? answer.with(limitHeaders(List.of(rejected.reading())))
                        .with("Retry-After", Long.toString(seconds(rejected.waitNanos())))
                : answer;
    }

    /** The older dialect: the remaining calls, and the reset as an epoch. */
    @Override
    public final Map<String, String> limitHeaders(List<Limiter.Status> readings) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (settings.flag(Settings.LIMIT_HEADERS)) {
            readings.stream()
                    .min(Comparator.comparingInt(Limiter.Status::remaining))
                    .ifPresent(narrowest -> {
                        headers.put("X-RateLimit-Limit", Integer.toString(narrowest.limit()));
                        headers.put("X-RateLimit-Remaining", Integer.toString(narrowest.remaining()));
                        headers.put(
                                "X-RateLimit-Reset", Long.toString(seconds(clock.nanos() + narrowest.resetNanos())));
                    });
        }
        return headers;
    }

    @Override
    public SandboxResponse tooLarge() {
        return SandboxResponse.empty(413);
    }

    private static long seconds(long nanos) {
        return Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
    }
}
