package io.sluice.gateway;

import io.sluice.budget.Ticker;
import io.sluice.call.Call;
import io.sluice.call.failure.VendorThrottledException;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jboss.logging.Logger;

/**
 * One circuit breaker: of an operation of an account for all teams, or for one. The counting and the probes are those of
 * SmallRye Fault Tolerance; this adds what others ask about it, and a log line at each opening and closing. Thread-safe.
 */
final class CircuitBreaker {
    private static final Logger LOG = Logger.getLogger(CircuitBreakers.class);

    private final String name;
    private final CircuitBreakerConfig config;
    private final Ticker ticker;
    private final Runnable opened;
    private final Guard guard;
    private CircuitBreakerState state = CircuitBreakerState.CLOSED; // guarded by this
    private long changed; // guarded by this; when it opened, or counted a failure

    /**
     * @param name what it stops, for the log
     * @param opened runs when it opens, not when a probe has failed; must not wait
     */
    CircuitBreaker(String name, CircuitBreakerConfig config, Ticker ticker, Runnable opened) {
        this.name = name;
        this.config = config;
        this.ticker = ticker;
        this.opened = opened;
        this.guard = guard(config, this::changed);
    }

    private static Guard guard(CircuitBreakerConfig config, Consumer<CircuitBreakerState> listener) {
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

    /** Returns true if it is open, or lets a probe through. */
    synchronized boolean tripped() {
        return state != CircuitBreakerState.CLOSED;
    }

    /** Returns true if it refuses every call now. */
    synchronized boolean isOpen() {
        return state == CircuitBreakerState.OPEN && nanosLeft() > 0;
    }

    /** Returns how long until it lets a probe through; zero if it does now. */
    synchronized Duration left() {
        return Duration.ofNanos(Math.max(0, nanosLeft()));
    }

    /** Returns true if no call has failed for so long that its failures mean nothing any more. */
    synchronized boolean rests(long now) {
        return now - changed > config.delay().plus(config.failureWindow()).toNanos();
    }

    private long nanosLeft() {
        return config.delay().toNanos() - (ticker.read() - changed);
    }

    /** Counts a failure; once it has tripped, only probes count. */
    void count() {
        synchronized (this) {
            if (tripped()) {
                return;
            }
            changed = ticker.read();
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

    /** Records that it is dropped, which closes it. */
    synchronized void drop() {
        if (tripped()) {
            state = CircuitBreakerState.CLOSED;
            logClosed();
        }
    }

    private void changed(CircuitBreakerState now) {
        boolean opens;
        synchronized (this) {
            opens = now == CircuitBreakerState.OPEN && state == CircuitBreakerState.CLOSED;
            state = now;
            switch (now) {
                case OPEN -> changed = ticker.read();
                case HALF_OPEN -> {
                    // A probe is under way.
                }
                case CLOSED -> logClosed();
            }
        }
        if (opens) {
            LOG.warnf(
                    "circuit breaker opened: %s failures=%d delay_ms=%d",
                    name, config.failures(), config.delay().toMillis());
            opened.run();
        }
    }

    private void logClosed() {
        LOG.infof("circuit breaker closed: %s", name);
    }

    /** A failure that has happened already, to be counted by a guard. */
    private static final class CountedFailure extends RuntimeException {
        CountedFailure() {
            super("a call failed", null, false, false);
        }
    }
}
