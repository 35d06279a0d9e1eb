package io.sluice.call;

import io.sluice.budget.TeamShare;

/** The weights and queue bounds of the teams on whose behalf calls are made. */
@FunctionalInterface
public interface TeamShares {
    /**
     * Returns the share of a team; a team that is no longer configured keeps the smallest weight for the work that
     * it left.
     */
    TeamShare of(String team);
}
