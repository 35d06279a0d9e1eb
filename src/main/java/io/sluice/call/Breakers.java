package io.sluice.call;

import io.sluice.budget.Ticker;
import io.smallrye.faulttolerance.FaultToleranceOperationProvider;
import io.smallrye.faulttolerance.config.FaultToleranceOperation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.interceptor.InvocationContext;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;

/**
 * How long circuit breakers stay open, which they tell nobody. A breaker opens with a failed attempt and lets no other
 * through before its delay is over: so it opens again that delay after the last attempt that failed. Thread-safe.
 */
@ApplicationScoped
public class Breakers {
    /** When which method has failed last. */
    private record Failed(Method method, long at) {}

    /** An interface method, as a call knows it. */
    private record Key(Dialect surface, String operation) {
        static Key of(Call call) {
            return new Key(call.dialect(), call.operation().name());
        }
    }

    private final Ticker ticker;
    private final FaultToleranceOperationProvider policies;
    private final Map<Key, Failed> failed = new ConcurrentHashMap<>();

    Breakers(Ticker ticker, FaultToleranceOperationProvider policies) {
        this.ticker = ticker;
        this.policies = policies;
    }

    /** Notes that an attempt of the call has failed. */
    void failed(Call call, InvocationContext attempt) {
        Method method = attempt.getMethod();
        if (method != null) {
            failed.put(Key.of(call), new Failed(method, ticker.read()));
        }
    }

    /** How long until the breaker that refused the call lets another one through; never less than a second. */
    public Duration opensIn(Call call) {
        Failed last = failed.get(Key.of(call));
        Duration left = last == null ? Duration.ZERO : delay(last).minusNanos(ticker.read() - last.at());
        return left.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : left;
    }

    private Duration delay(Failed last) {
        FaultToleranceOperation policy = policies.get(last.method().getDeclaringClass(), last.method());
        if (policy == null || !policy.hasCircuitBreaker()) {
            return Duration.ZERO;
        }
        CircuitBreaker breaker = policy.getCircuitBreaker();
        return Duration.of(breaker.delay(), breaker.delayUnit());
    }
}
