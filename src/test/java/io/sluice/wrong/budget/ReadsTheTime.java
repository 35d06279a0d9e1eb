package io.sluice.wrong.budget;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.LongSupplier;

/** Asks the real time in every way that the rule knows, and once in a way that is right. */
public final class ReadsTheTime {
    public long ticks() {
        return System.nanoTime();
    }

    public LongSupplier millis() {
        return System::currentTimeMillis;
    }

    public void waits() throws InterruptedException {
        Thread.sleep(1);
    }

    public List<Object> dates() {
        return List.of(Instant.now(), LocalDateTime.now(ZoneOffset.UTC));
    }

    public List<InstantSource> sources() {
        return List.of(Clock.systemUTC(), InstantSource.system());
    }

    public Instant asksAClock(Clock clock) {
        return Instant.now(clock);
    }
}
