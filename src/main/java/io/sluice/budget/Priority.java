package io.sluice.budget;

/** Which calls of a team go first. */
public enum Priority {
    /** Somebody waits for the answer. */
    INTERACTIVE,
    /** Work that can wait, but never forever. */
    BULK
}
