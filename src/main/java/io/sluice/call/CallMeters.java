package io.sluice.call;

import io.sluice.AccountId;
import io.sluice.budget.Decision;
import io.sluice.call.failure.AttemptFailedException;
import io.sluice.call.failure.CallTimedOutException;
import io.sluice.call.failure.ConnectionLostException;
import io.sluice.call.failure.VendorFailedException;
import io.sluice.call.failure.VendorThrottledException;
import io.sluice.call.failure.VendorUnreachableException;
import io.sluice.metrics.Metrics;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Tag;

/**
 * The counters and timers of calls. Every tag takes its values from the configuration or from a closed list, so that no
 * path, id or key ever becomes one.
 */
@ApplicationScoped
public class CallMeters {
    private static final Metadata CALLS = Metrics.described("sluice_calls", "Calls by outcome");
    private static final Metadata ATTEMPTS =
            Metrics.described("sluice_attempts", "Requests sent to vendors by outcome");
    private static final Metadata REJECTED =
            Metrics.described("sluice_rejected", "Calls that Sluice rejected with 429, by reason");
    private static final Metadata CACHE =
            Metrics.described("sluice_cache_requests", "Cacheable reads, by effect of the cache");
    private static final Metadata WAIT =
            Metrics.described("sluice_permit_wait", "Time that calls waited for a permit", MetricUnits.SECONDS);
    private static final Metadata LATENCY =
            Metrics.described("sluice_vendor_latency", "Time until vendors began a response", MetricUnits.SECONDS);

    private final Metrics registry = new Metrics();
    /**
     * A cache of counters: the registry checks names and tags at each lookup, which costs more than a hit in the
     * response cache.
     */
    private final ConcurrentMap<Series, Counter> counters = new ConcurrentHashMap<>();

    /** The identity of a counter: its name and the values of its tags. */
    private record Series(String name, AccountId account, String operation, String team, String last) {}

    /** The outcome of an attempt or a call. */
    public enum Outcome {
        /** The vendor executed it. */
        SUCCESS,
        /** The vendor refused the request itself: a 4xx other than a throttle. */
        CLIENT_ERROR,
        /** The vendor refused the company's credential. */
        CREDENTIAL_REFUSED,
        /** The vendor refused it because what is paid for is used up. Waiting does not help. */
        QUOTA_EXCEEDED,
        /** The vendor refused it for its rate. */
        THROTTLED,
        /** The vendor answered 5xx. */
        SERVER_ERROR,
        /** No response came: the connection broke, or time ran out. */
        CONNECTION_LOST,
        /** No connection could be made. */
        UNREACHABLE,
        /** Nothing was sent, since the vendor fails too often: the circuit breaker is open. */
        CIRCUIT_OPEN,
        /** Sluice refused it: no permit in time, or the queue was full. */
        SHED,
        /** The caller left, or the lease of the work that the call belongs to ran out. */
        CANCELLED;

        /** Returns the outcome for a response's status. */
        public static Outcome of(int status) {
            return status < 400 ? SUCCESS : status < 500 ? CLIENT_ERROR : SERVER_ERROR;
        }

        /** Returns the outcome for a failed attempt. */
        public static Outcome of(AttemptFailedException failure) {
            return switch (failure) {
                case VendorThrottledException _ -> THROTTLED;
                case VendorUnreachableException _ -> UNREACHABLE;
                case VendorFailedException _ -> SERVER_ERROR;
                case ConnectionLostException _, CallTimedOutException _ -> CONNECTION_LOST;
            };
        }

        /** Returns the value of the metrics' tag, which logs use too. */
        public String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Counts a call that has ended. */
    public void ended(Call call, Outcome outcome) {
        call.ended(outcome);
        counter(CALLS, call.request(), "outcome", outcome.tag()).inc();
    }

    /** Counts a call that Sluice answers with 429 itself. */
    public void rejected(Call call, Decision.Reason reason) {
        counter(REJECTED, call.request(), "reason", reason.name().toLowerCase(Locale.ROOT))
                .inc();
    }

    /**
     * Counts a read that can be cached.
     *
     * @param result the effect of the cache, from a closed list
     */
    public void cached(CallRequest call, String result) {
        counter(CACHE, call, "result", result).inc();
    }

    /** Returns the counter of that name and those tags; registers it at first use. */
    public Counter counter(String name, String description, Tag... tags) {
        return registry.counter(Metrics.described(name, description), tags);
    }

    /** Registers a counter whose value is kept elsewhere, and read when the metrics are scraped. */
    public <T> void count(String name, String description, T source, ToDoubleFunction<T> value, Tag... tags) {
        registry.count(Metrics.described(name, description), source, value, tags);
    }

    /** Registers a gauge whose value is read when the metrics are scraped. */
    public <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value, Tag... tags) {
        registry.gauge(Metrics.described(name, description), source, value, tags);
    }

    void attempt(Call call, Outcome outcome, Duration took) {
        counter(ATTEMPTS, call.request(), "outcome", outcome.tag()).inc();
        registry.timer(
                        LATENCY,
                        new Tag("vendor", call.account().vendor()),
                        new Tag("account", call.account().name()),
                        new Tag("operation", call.operation().name()))
                .update(took);
    }

    void waited(Call call, Duration waited) {
        registry.timer(
                        WAIT,
                        new Tag("vendor", call.account().vendor()),
                        new Tag("account", call.account().name()),
                        new Tag("operation", call.operation().name()),
                        new Tag("team", call.request().teamShare().team()))
                .update(waited);
    }

    private Counter counter(Metadata metric, CallRequest call, String tag, String value) {
        AccountId account = call.account().id();
        String operation = call.operation().name();
        String team = call.teamShare().team();
        return counters.computeIfAbsent(
                new Series(metric.getName(), account, operation, team, value),
                _ -> registry.counter(
                        metric,
                        new Tag("vendor", account.vendor()),
                        new Tag("account", account.account()),
                        new Tag("operation", operation),
                        new Tag("team", team),
                        new Tag(tag, value)));
    }
}
