package io.sluice.call;

import java.time.Duration;

/** The time that a call has spent in the queue and at the vendor, over all of its attempts. Thread-safe. */
public final class CallTimes {
    private long queuedNanos; // guarded by this
    private long vendorNanos; // guarded by this
    private Duration sending = Duration.ZERO; // guarded by this

    CallTimes() {}

    /** Returns how long the call has been queued, over all attempts. */
    public synchronized Duration queued() {
        return Duration.ofNanos(queuedNanos);
    }

    /** Returns how long the vendor has taken to begin its responses, over all attempts. */
    public synchronized Duration vendor() {
        return Duration.ofNanos(vendorNanos);
    }

    /** Returns how long the call took from the sending of its first attempt on; zero until it has ended. */
    public synchronized Duration sending() {
        return sending;
    }

    synchronized void addQueued(Duration waited) {
        queuedNanos += waited.toNanos();
    }

    synchronized void addVendor(Duration took) {
        vendorNanos += took.toNanos();
    }

    synchronized void ended(Duration lasted) {
        sending = lasted;
    }

    void add(CallTimes other) {
        addQueued(other.queued());
        addVendor(other.vendor());
    }
}
