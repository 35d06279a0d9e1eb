package io.sluice.simulation;

import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;

/**
 * The clock of tests: it stands still until it is told to go on, and runs what was scheduled on the way. One thread moves it
 * and schedules; all may read it.
 */
public final class VirtualTime implements Ticker, Timer, InstantSource {
    /** The date at which it begins. */
    public static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private static final class Task implements Comparable<Task>, Alarm {
        private final long at;
        private final long order;
        private final Runnable what;
        private boolean cancelled;

        Task(long at, long order, Runnable what) {
            this.at = at;
            this.order = order;
            this.what = what;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Task other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private volatile long now;
    private long scheduled;

    @Override
    public long read() {
        return now;
    }

    @Override
    public Instant instant() {
        return START.plusNanos(now);
    }

    @Override
    public Alarm schedule(Runnable task, Duration delay) {
        Task added = new Task(now + Math.max(0, delay.toNanos()), scheduled++, task);
        tasks.add(added);
        return added;
    }

    /** Runs {@code task} in {@code nanos}. */
    public void after(long nanos, Runnable task) {
        tasks.add(new Task(now + nanos, scheduled++, task));
    }

    /** Goes on by {@code duration}, and returns the new date. What runs on the way may itself let time pass, and more of it. */
    public Instant pass(Duration duration) {
        runUntil(now + duration.toNanos());
        return instant();
    }

    /** Drops what was scheduled, as the end of a process does. */
    public void forget() {
        tasks.clear();
    }

    /** Goes on until {@code end}, in nanoseconds. */
    public void runUntil(long end) {
        while (runNextUntil(end)) {
            // Each task may schedule the next.
        }
        now = Math.max(now, end);
    }

    /** Jumps to the next task and runs it, if it is due until {@code end}; false if none is. */
    public boolean runNextUntil(long end) {
        dropCancelled();
        return !tasks.isEmpty() && tasks.peek().at <= end && runNext();
    }

    /** Jumps to the next task and runs it; false if there is none. */
    public boolean runNext() {
        dropCancelled();
        Task next = tasks.poll();
        if (next == null) {
            return false;
        }
        now = Math.max(now, next.at);
        next.what.run();
        return true;
    }

    private void dropCancelled() {
        while (!tasks.isEmpty() && tasks.peek().cancelled) {
            tasks.remove();
        }
    }
}
