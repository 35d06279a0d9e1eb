package io.sluice.export;

import io.sluice.budget.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that is set by hand; runs what was scheduled when it passes its time. For one thread. */
final class HandClock implements InstantSource, Timer {
    static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private record Task(Instant at, long order, Runnable what) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparing(Task::at).thenComparingLong(Task::order));
    private long scheduled;
    private Instant now = START;

    @Override
    public Instant instant() {
        return now;
    }

    /** Goes on, and tells the new time. */
    Instant pass(Duration duration) {
        Instant end = now.plus(duration);
        while (!tasks.isEmpty() && !tasks.peek().at().isAfter(end)) {
            Task task = tasks.remove();
            now = task.at().isAfter(now) ? task.at() : now;
            task.what().run();
        }
        now = end.isAfter(now) ? end : now;
        return now;
    }

    @Override
    public Alarm schedule(Runnable task, Duration delay) {
        Task added = new Task(now.plus(delay), scheduled++, task);
        tasks.add(added);
        return () -> tasks.remove(added);
    }

    /** Forgets what was scheduled. */
    void forget() {
        tasks.clear();
    }

    void set(Instant time) {
        now = time;
    }
}
