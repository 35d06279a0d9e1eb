package io.sluice.sandbox.limits;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The limits of one vendor. A call takes all the permits it needs, or none. Thread-safe. */
public final class Limits {
    /** How many scopes of one limit are kept, such as users under a limit per user. */
    static final int MAX_SCOPES = 10_000;

    private final SandboxClock clock;
    private final Map<String, LimitSpec> initial = new LinkedHashMap<>();
    private final Map<String, Limit> limits = new LinkedHashMap<>(); // guarded by this

    public Limits(SandboxClock clock, List<LimitSpec> specs) {
        this.clock = clock;
        for (LimitSpec spec : specs) {
            initial.put(spec.name(), spec);
            limits.put(spec.name(), new Limit(spec, MAX_SCOPES));
        }
    }

    /** Counts a call that arrives now. */
    public synchronized Decision take(List<Use> uses) {
        long now = clock.nanos();
        Decision.@Nullable Rejected worst = null;
        for (Use use : uses) {
            Limit limit = limit(use.limit());
            long wait = limit.waitNanos(use.key(), now);
            if (wait > 0) {
                limit.reject();
                if (worst == null || wait > worst.waitNanos()) {
                    worst = new Decision.Rejected(use.limit(), limit.reading(use.key(), now), wait);
                }
            }
        }
        return worst == null ? accept(uses, now) : worst;
    }

    private Decision accept(List<Use> uses, long now) {
        List<Limiter.Status> readings = new ArrayList<>();
        for (Use use : uses) {
            Limit limit = limit(use.limit());
            limit.accept(use.key(), now);
            readings.add(limit.reading(use.key(), now));
        }
        return new Decision.Accepted(readings);
    }

    /** Changes a limit's numbers; its counts start again. */
    public synchronized void change(LimitSpec spec) {
        limit(spec.name());
        limits.put(spec.name(), new Limit(spec, MAX_SCOPES));
    }

    public synchronized @Nullable LimitSpec spec(String name) {
        Limit limit = limits.get(name);
        return limit == null ? null : limit.spec();
    }

    /** Removes every count and every change made at run time. */
    public synchronized void reset() {
        initial.forEach((name, spec) -> limits.put(name, new Limit(spec, MAX_SCOPES)));
    }

    /** Removes every count but keeps the numbers. */
    public synchronized void clear() {
        limits.replaceAll((name, limit) -> new Limit(limit.spec(), MAX_SCOPES));
    }

    public synchronized JsonObject json() {
        JsonObject json = new JsonObject();
        limits.forEach((name, limit) -> json.put(name, limit.json()));
        return json;
    }

    private Limit limit(String name) {
        Limit limit = limits.get(name);
        if (limit == null) {
            throw new IllegalArgumentException("no limit named " + name + ", there are " + limits.keySet());
        }
        return limit;
    }

    /** One limit that a call falls under, in the scope {@code key}. */
    public record Use(String limit, String key) {}

    /** The decision on a call. */
    public sealed interface Decision {
        record Accepted(List<Limiter.Status> readings) implements Decision {}

        /** Refused; {@code waitNanos} until it would pass. */
        record Rejected(String limit, Limiter.Status reading, long waitNanos) implements Decision {}
    }
}
