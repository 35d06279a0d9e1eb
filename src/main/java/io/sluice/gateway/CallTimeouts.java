package io.sluice.gateway;

import io.quarkus.arc.All;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.saas.Vendor;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The total deadline of calls: how long all attempts of one may take together, with the waits between them, from the
 * sending of the first one until the response begins. The wait for the first permit is not part of it: that is limited
 * by the caller's maximal wait.
 */
@ApplicationScoped
public class CallTimeouts {
    private final Ticker ticker;
    private final Timer timer;
    private final Duration reads;
    private final Map<Key, Duration> configured = new HashMap<>();

    /** An operation of a vendor. */
    private record Key(String vendor, String operation) {}

    CallTimeouts(Ticker ticker, Timer timer, GatewayConfig config, @All List<Vendor> vendors) {
        this.ticker = ticker;
        this.timer = timer;
        this.reads = config.callTimeout();
        for (Vendor vendor : vendors) {
            vendor.operations()
                    .forEach((operation, differs) -> differs.callTimeout()
                            .ifPresent(timeout -> configured.put(new Key(vendor.name(), operation), timeout)));
        }
    }

    /** Returns how long a call may take; empty if only the timeouts of its attempts end it. */
    Optional<Duration> of(Call call) {
        Operation operation = call.operation();
        Duration own = configured.get(new Key(call.account().vendor(), operation.name()));
        if (own != null) {
            return Optional.of(own);
        }
        return operation.effect() == Operation.Effect.READ ? Optional.of(reads) : Optional.empty();
    }

    /** Starts a watch over a call that the current thread makes; that thread must close it. */
    Watch watch(Call call) {
        Watch watch = new Watch(call);
        call.drive(Thread.currentThread(), watch::begin);
        return watch;
    }

    /** The watch over one call. */
    final class Watch implements AutoCloseable {
        private final Call call;
        private @Nullable Long began; // guarded by this
        private Timer.@Nullable Alarm alarm; // guarded by this

        private Watch(Call call) {
            this.call = call;
        }

        private synchronized void begin() {
            long now = ticker.read();
            began = now;
            of(call).ifPresent(timeout -> {
                call.endBy(now + timeout.toNanos());
                alarm = timer.schedule(call::expire, timeout);
            });
        }

        @Override
        public void close() {
            Duration lasted;
            synchronized (this) {
                if (alarm != null) {
                    alarm.cancel();
                }
                lasted = began == null ? Duration.ZERO : Duration.ofNanos(ticker.read() - began);
            }
            if (call.release(lasted)) {
                // The interrupt was the call's, and has done its work or come too late.
                boolean _ = Thread.interrupted();
            }
        }
    }
}
