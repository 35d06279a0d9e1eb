package io.sluice.call;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The cancellation of a call: the caller may leave, its body may break off, and the time for the whole call may end.
 * Holds the ways out of whatever the call waits for. Thread-safe; nothing in it waits.
 */
public final class Cancellation {
    private List<Registration> waits = List.of(); // guarded by this; replaced, and never changed
    private boolean abandoned; // guarded by this
    private boolean brokenOff; // guarded by this
    private @Nullable Thread driver; // guarded by this
    private @Nullable Runnable firstSent; // guarded by this
    private boolean interrupted; // guarded by this
    private long end; // guarded by this
    private boolean ends; // guarded by this

    Cancellation() {}

    /** The registration of an action for the case that the call is to stop waiting. */
    public final class Registration implements AutoCloseable {
        private final Runnable leave;

        private Registration(Runnable leave) {
            this.leave = leave;
        }

        @Override
        public void close() {
            synchronized (Cancellation.this) {
                waits = waits.stream().filter(other -> other != this).toList();
            }
        }
    }

    /**
     * Registers the way out of a wait, until the registration is closed. The action may run more than once; it runs at
     * once if the caller has left already.
     */
    public Registration onLeave(Runnable leave) {
        Registration registration = new Registration(leave);
        boolean now;
        synchronized (this) {
            waits = Stream.concat(waits.stream(), Stream.of(registration)).toList();
            now = abandoned;
        }
        if (now) {
            leave.run();
        }
        return registration;
    }

    /** Returns true if the caller has left. */
    public synchronized boolean isAbandoned() {
        return abandoned;
    }

    void abandon() {
        synchronized (this) {
            abandoned = true;
        }
        leave();
    }

    /** Ends every wait of the call. */
    void leave() {
        List<Registration> all;
        synchronized (this) {
            all = waits;
        }
        all.forEach(registration -> registration.leave.run());
    }

    synchronized void breakOff() {
        brokenOff = true;
    }

    /** Returns true if the caller has stopped in the middle of its body. */
    synchronized boolean isBrokenOff() {
        return brokenOff;
    }

    /**
     * Sets the thread that makes the call, so that it can be interrupted in a pause between attempts when the call's
     * time is over, and the action for when the first attempt is sent, which must not wait.
     */
    synchronized void drive(Thread thread, Runnable atFirstSent) {
        if (driver != null) {
            throw new IllegalStateException("the call is being made already");
        }
        driver = thread;
        firstSent = atFirstSent;
    }

    synchronized boolean isDriven() {
        return driver != null;
    }

    /** Runs the action for when the first attempt is sent. */
    void firstSent() {
        Runnable action;
        synchronized (this) {
            action = firstSent;
            firstSent = null;
        }
        if (action != null) {
            action.run();
        }
    }

    /** Clears the thread that makes the call; returns true if it was interrupted because of the call. */
    synchronized boolean release() {
        driver = null;
        firstSent = null;
        return interrupted;
    }

    /** Interrupts the thread that makes the call, if there is one. */
    synchronized void wake() {
        if (driver != null) {
            interrupted = true;
            driver.interrupt();
        }
    }

    synchronized void endBy(long over) {
        end = over;
        ends = true;
    }

    /** Returns how many nanoseconds are left of {@code most} from {@code now} on; may be negative. */
    synchronized long nanosLeft(long now, long most) {
        return ends ? Math.min(most, end - now) : most;
    }
}
