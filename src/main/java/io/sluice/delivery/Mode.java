package io.sluice.delivery;

/** What an admin has an account's deliveries do. */
public enum Mode {
    /** Work is accepted and delivered. */
    RUNNING,
    /** Work is accepted, and waits. */
    PAUSED,
    /** What waits is delivered, and nothing more is accepted. */
    DRAINING
}
