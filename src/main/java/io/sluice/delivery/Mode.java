package io.sluice.delivery;

/** The mode of an account's deliveries, set by an admin. */
public enum Mode {
    /** Calls are accepted and delivered. */
    RUNNING,
    /** Calls are accepted, and wait. */
    PAUSED,
    /** Waiting messages are delivered, and no new call is accepted. */
    DRAINING
}
