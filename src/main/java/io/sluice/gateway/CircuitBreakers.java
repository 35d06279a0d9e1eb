package io.sluice.gateway;

import io.sluice.InvalidConfigException;
import io.sluice.budget.Ticker;
import io.sluice.call.AttemptFailedException;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.VendorThrottledException;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers, one for each account and operation: a step of the chain, around all attempts of a call. A
 * breaker opens when a configured number of calls in a row have failed; while it is open no call is sent; after its
 * delay one call at a time is let through as a probe, and the first that succeeds closes it.
 *
 * <p>A failure is: no response in time, no connection, or a 5xx, after the last retry. A refusal for the rate is a
 * response. Of one team only one failure on a path counts within the failure window, so that a bad request that is
 * repeated stops its own team at most; and a call does not count if its caller was still sending its body, or left.
 *
 * <p>A breaker exists only while calls fail: the first failure creates it, the success after it drops it, and one whose
 * operation is not called any more is dropped when another one is created. Thread-safe.
 */
@ApplicationScoped
public class CircuitBreakers {
    private static final Logger LOG = Logger.getLogger(CircuitBreakers.class);

    private final Map<Key, Breaker> breakers = new ConcurrentHashMap<>();
    private final CircuitBreakerConfig config;
    private final Ticker ticker;
    private final long restNanos;

    /** The calls that a breaker stops. */
    private record Key(String account, String operation) {
        static Key of(Call call) {
            return new Key(call.account().budget(), call.operation().name());
        }
    }

    /** A source of failures that count once. */
    private record Source(String team, String path) {
        static Source of(Call call) {
            return new Source(
                    call.request().teamShare().team(), call.request().target().path());
        }
    }

    CircuitBreakers(CircuitBreakerConfig config, Ticker ticker) {
        check("delay", config.delay());
        check("failure-window", config.failureWindow());
        this.config = config;
        this.ticker = ticker;
        this.restNanos = config.delay().plus(config.failureWindow()).toNanos();
    }

    private static void check(String key, Duration value) {
        InvalidConfigException.check(
                value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(Duration.ofHours(1)) <= 0,
                "sluice.circuit-breaker." + key,
                () -> "must be from 1 ms to 1 h: " + value);
    }

    private Guard guard(Consumer<CircuitBreakerState> listener) {
        return Guard.create()
                .withCircuitBreaker()
                .requestVolumeThreshold(config.failures())
                .failureRatio(1)
                .delay(config.delay().toMillis(), ChronoUnit.MILLIS)
                .skipOn(VendorThrottledException.class)
                .onStateChange(listener)
                .done()
                .build();
    }

    /**
     * Makes the attempts of a call, unless its breaker is open; waits as they do.
     *
     * @throws CircuitBreakerOpenException if the breaker is open; then nothing was sent
     */
    Response send(Call call, Function<Call, Response> attempts) {
        Breaker breaker = find(call);
        if (breaker != null && breaker.tripped()) {
            Response answer = breaker.probe(call, attempts);
            succeeded(call);
            return answer;
        }
        try {
            Response answer = attempts.apply(call);
            succeeded(call);
            return answer;
        } catch (RuntimeException e) {
            if (e instanceof VendorThrottledException) {
                succeeded(call);
            } else if (isFailure(call, e)) {
                failed(call);
            }
            throw e;
        }
    }

    /** Returns true if a call would be refused now; then it need not wait for a permit first. */
    boolean isOpenFor(Call call) {
        Breaker breaker = find(call);
        return breaker != null && breaker.isOpen();
    }

    /** Returns how long until the breaker that refused the call lets another one through; never less than a second. */
    Duration opensIn(Call call) {
        Breaker breaker = find(call);
        Duration left = breaker == null ? Duration.ZERO : breaker.left();
        return left.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : left;
    }

    /** Closes all breakers. */
    void reset() {
        breakers.clear();
    }

    /** Returns the number of breakers. */
    int size() {
        return breakers.size();
    }

    private static boolean isFailure(Call call, RuntimeException how) {
        if (call.attempts().isSendingBody()) {
            return false;
        }
        return switch (how) {
            case CallAbandonedException _ -> false;
            case TimeoutException _, AttemptFailedException _ -> true;
            // No permit was left for a further attempt: what counts is how the last one ended.
            default -> call.attempts().finalFailure().isPresent();
        };
    }

    /** The breaker of a call's operation; null if there is none, as for all of them while the vendors are well. */
    private @Nullable Breaker find(Call call) {
        return breakers.isEmpty() ? null : breakers.get(Key.of(call));
    }

    private void succeeded(Call call) {
        if (!breakers.isEmpty()) {
            breakers.computeIfPresent(Key.of(call), (_, breaker) -> breaker.tripped() ? breaker : null);
        }
    }

    private void failed(Call call) {
        Key key = Key.of(call);
        long now = ticker.read();
        if (!breakers.containsKey(key)) {
            breakers.values().removeIf(breaker -> breaker.rests(now));
        }
        breakers.computeIfAbsent(key, Breaker::new).failed(Source.of(call), now);
    }

    /** The breaker of one operation of one account. */
    private final class Breaker {
        private final Key key;
        private final Guard guard;
        private final Map<Source, Long> counted = new HashMap<>(); // guarded by this; no more than open it
        private CircuitBreakerState state = CircuitBreakerState.CLOSED; // guarded by this
        private long changed; // guarded by this; when it opened, or counted a failure

        Breaker(Key key) {
            this.key = key;
            this.guard = guard(this::changed);
        }

        synchronized boolean tripped() {
            return state != CircuitBreakerState.CLOSED;
        }

        synchronized boolean isOpen() {
            return state == CircuitBreakerState.OPEN && nanosLeft() > 0;
        }

        synchronized Duration left() {
            return Duration.ofNanos(Math.max(0, nanosLeft()));
        }

        synchronized boolean rests(long now) {
            return now - changed > restNanos;
        }

        private long nanosLeft() {
            return config.delay().toNanos() - (ticker.read() - changed);
        }

        /** Counts a failure, unless one of the same source counts already. */
        void failed(Source source, long now) {
            synchronized (this) {
                Long before = counted.get(source);
                if (before != null && now - before < config.failureWindow().toNanos()) {
                    return;
                }
                counted.put(source, now);
                changed = now;
            }
            try {
                guard.get(
                        () -> {
                            throw new CountedFailure();
                        },
                        Response.class);
            } catch (CountedFailure | CircuitBreakerOpenException counted) {
                // It is counted, or the breaker has opened meanwhile.
                return;
            }
        }

        /** Lets the call through as a probe if one is due; any end but a success opens the breaker again. */
        Response probe(Call call, Function<Call, Response> attempts) {
            return guard.get(() -> attempts.apply(call), Response.class);
        }

        private synchronized void changed(CircuitBreakerState now) {
            boolean wasClosed = state == CircuitBreakerState.CLOSED;
            state = now;
            switch (now) {
                case OPEN -> {
                    changed = ticker.read();
                    counted.clear();
                    if (wasClosed) {
                        LOG.warnf(
                                "circuit breaker opened: account=%s operation=%s failures=%d delay_ms=%d",
                                key.account(),
                                key.operation(),
                                config.failures(),
                                config.delay().toMillis());
                    }
                }
                case HALF_OPEN -> {
                    // A probe is under way.
                }
                case CLOSED ->
                    LOG.infof("circuit breaker closed: account=%s operation=%s", key.account(), key.operation());
            }
        }
    }

    /** A failure that has happened already, to be counted by a guard. */
    private static final class CountedFailure extends RuntimeException {
        CountedFailure() {
            super("a call failed", null, false, false);
        }
    }
}
