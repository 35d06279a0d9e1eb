package io.sluice.call;

import io.sluice.budget.Flow;

/** Knows on whose behalf a call is made, and with what share. */
@FunctionalInterface
public interface Flows {
    /** The flow of a team; one that is no longer configured keeps a share of the smallest weight for what it left. */
    Flow of(String team);
}
