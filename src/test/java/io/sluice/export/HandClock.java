package io.sluice.export;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that is set by hand. */
final class HandClock implements InstantSource {
    static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private Instant now = START;

    @Override
    public Instant instant() {
        return now;
    }

    /** Goes on, and tells the new time. */
    Instant pass(Duration duration) {
        now = now.plus(duration);
        return now;
    }

    void set(Instant time) {
        now = time;
    }
}
