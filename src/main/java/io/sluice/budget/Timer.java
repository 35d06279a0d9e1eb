package io.sluice.budget;

import java.time.Duration;

/** Runs things later. Thread-safe. */
@FunctionalInterface
public interface Timer {
    /**
     * Runs {@code task} once, {@code delay} from now or as soon after as it can, on a thread of the timer's own.
     * Never waits, and never runs the task before it returns.
     */
    Alarm schedule(Runnable task, Duration delay);

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Alarm {
        /** Takes the task back. Does nothing when it runs already or has run. */
        void cancel();
    }
}
