package io.sluice.budget;

/** The priority of a call among those of its team. */
public enum Priority {
    /** A person or program waits for the response. */
    INTERACTIVE,
    /** Work that can wait, but is never postponed forever. */
    BULK
}
