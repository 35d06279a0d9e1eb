package io.sluice.sandbox.limits;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The sandbox's only clock: wall time that never goes backwards, in nanoseconds since the epoch. Thread-safe. */
public final class SandboxClock implements InstantSource {
    private final LongSupplier epochNanos;

    public SandboxClock(LongSupplier epochNanos) {
        this.epochNanos = epochNanos;
    }

    /** The real time: read once, then carried on by the monotonic clock. */
    public static SandboxClock system() {
        Instant start = Instant.now();
        long startNanos = TimeUnit.SECONDS.toNanos(start.getEpochSecond()) + start.getNano();
        long origin = System.nanoTime();
        return new SandboxClock(() -> startNanos + (System.nanoTime() - origin));
    }

    public long nanos() {
        return epochNanos.getAsLong();
    }

    public long seconds() {
        return TimeUnit.NANOSECONDS.toSeconds(nanos());
    }

    @Override
    public long millis() {
        return TimeUnit.NANOSECONDS.toMillis(nanos());
    }

    @Override
    public Instant instant() {
        return at(nanos());
    }

    public static Instant at(long epochNanos) {
        return Instant.EPOCH.plus(Duration.ofNanos(epochNanos));
    }
}
