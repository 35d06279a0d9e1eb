package io.sluice.sandbox.limits;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One limit with its scopes (one per user, say) and their counts. Keeps the most recently used scopes only, so a scope
 * that was evicted starts with no calls counted. Not thread-safe: {@link Limits} guards it.
 */
final class Limit {
    private final LimitSpec spec;
    private final Map<String, Scope> scopes;

    private long accepted;
    private long rejected;
    private int fullestWindow;
    private @Nullable Long firstAt;
    private @Nullable Long lastAt;

    Limit(LimitSpec spec, int maxScopes) {
        this.spec = spec;
        this.scopes = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Scope> eldest) {
                return size() > maxScopes;
            }
        };
    }

    LimitSpec spec() {
        return spec;
    }

    long waitNanos(String key, long now) {
        return scope(key).limiter.waitNanos(now);
    }

    Limiter.Status reading(String key, long now) {
        return scope(key).limiter.reading(now);
    }

    void accept(String key, long now) {
        Scope scope = scope(key);
        scope.limiter.take(now);
        scope.window.dropUpTo(now - spec.window().toNanos());
        scope.window.add(now);
        fullestWindow = Math.max(fullestWindow, scope.window.size());
        accepted++;
        if (firstAt == null) {
            firstAt = now;
        }
        lastAt = now;
    }

    void reject() {
        rejected++;
    }

    private Scope scope(String key) {
        return scopes.computeIfAbsent(key, absent -> new Scope(spec.limiterInstance(), new Arrivals()));
    }

    JsonObject json() {
        JsonObject json = new JsonObject()
                .put("limiter", spec.limiter().word())
                .put("permits", spec.permits())
                .put("window_ms", spec.window().toMillis())
                .put("burst", spec.burst())
                .put("phase_ms", spec.phase().toMillis())
                .put("accepted", accepted)
                .put("rejected", rejected)
                .put("fullest_window", fullestWindow)
                .put("scopes", scopes.size());
        if (firstAt != null && lastAt != null) {
            json.put("first_at", SandboxClock.at(firstAt).toString())
                    .put("last_at", SandboxClock.at(lastAt).toString());
        }
        return json;
    }

    private record Scope(Limiter limiter, Arrivals window) {}
}
