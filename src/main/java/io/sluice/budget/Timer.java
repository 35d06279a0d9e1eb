package io.sluice.budget;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs things later. Thread-safe. */
@FunctionalInterface
public interface Timer {
    /**
     * Runs {@code task} once, {@code delay} from now or as soon after as it can, on a thread of the timer's own.
     * Never waits, and never runs the task before it returns.
     */
    Alarm schedule(Runnable task, Duration delay);

    /** Waits. Should the timer have stopped, it gives up after a while longer. */
    default void pause(Duration pause) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        Alarm alarm = schedule(over::countDown, pause);
        try {
            if (!over.await(2 * pause.toMillis() + 1_000, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the timer has stopped");
            }
        } finally {
            alarm.cancel();
        }
    }

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Alarm {
        /** Takes the task back. Does nothing when it runs already or has run. */
        void cancel();
    }
}
