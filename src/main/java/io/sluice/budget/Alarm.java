package io.sluice.budget;

import io.sluice.budget.window.Times;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The alarm of one account: the task of a timer for the next moment at which something can happen by itself. Guarded by
 * the account's lock.
 */
final class Alarm {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final long STALLED = 1_000_000;

    private final Timer timer;
    private final Runnable wake;

    private Timer.@Nullable Alarm task;
    private long setFor = Times.NEVER;
    private long wokenAt = -1;
    /** True if time stands still from one alarm to the next, since the ticker was set back. */
    private boolean stalled;

    /** @param wake runs when it goes off, and must call {@link #wentOff} */
    Alarm(Timer timer, Runnable wake) {
        this.timer = timer;
        this.wake = wake;
    }

    /** Records that it went off. */
    void wentOff(long now) {
        task = null;
        setFor = Times.NEVER;
        stalled = now == wokenAt;
        wokenAt = now;
    }

    /** Has it go off at that time, unless it goes off before. */
    void setFor(long now, long time) {
        if (time >= setFor) {
            return;
        }
        if (task != null) {
            task.cancel();
        }
        setFor = time;
        long delay = Math.clamp(time - now, stalled ? STALLED : 0, LONGEST.toNanos());
        task = timer.schedule(wake, Duration.ofNanos(delay));
    }
}
