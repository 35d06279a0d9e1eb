package io.sluice;

import io.sluice.budget.BootClock;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The real clocks, timer and random source: the one place that reads the real time. Everything else gets them injected,
 * so that tests can replace them.
 */
@Singleton
public class Clocks {
    private final ScheduledExecutorService alarms = newAlarms();

    @Produces
    @Singleton
    Ticker ticker() {
        return System::nanoTime;
    }

    @Produces
    @Singleton
    InstantSource instants() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    BootClock bootClock() {
        return new LinuxBootClock(Path.of("/proc"));
    }

    @Produces
    @Singleton
    RandomGenerator random() {
        return new SecureRandom();
    }

    @Produces
    @Singleton
    Timer timer() {
        return (task, delay) -> {
            Future<?> alarm = alarms.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> alarm.cancel(false);
        };
    }

    @PreDestroy
    void stop() {
        alarms.shutdownNow();
    }

    private static ScheduledExecutorService newAlarms() {
        ScheduledThreadPoolExecutor alarms = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("alarms-", 0).factory());
        // Most alarms are deadlines that are cancelled before they pass: without this each would be held until then.
        alarms.setRemoveOnCancelPolicy(true);
        return Executors.unconfigurableScheduledExecutorService(alarms);
    }
}
