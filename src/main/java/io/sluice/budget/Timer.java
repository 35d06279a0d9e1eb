package io.sluice.budget;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A timer that runs tasks later. Thread-safe. */
@FunctionalInterface
public interface Timer {
    /**
     * Runs {@code task} once, {@code delay} from now or as soon after as it can, on a thread of the timer's own.
     * Never waits, and never runs the task before it returns.
     */
    Alarm schedule(Runnable task, Duration delay);

    /** Waits for the given time. If the timer has stopped, it returns a while later. */
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

    /** A scheduled task. */
    @FunctionalInterface
    interface Alarm {
        /** Cancels the task. Does nothing when it runs already or has run. */
        void cancel();
    }
}
