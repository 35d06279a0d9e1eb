package io.sluice.call;

import io.sluice.budget.TeamShare;

/** The shares of the teams on whose behalf calls are made. */
@FunctionalInterface
public interface TeamShares {
    /** The share of a team; one that is no longer configured keeps a share of the smallest weight for what it left. */
    TeamShare of(String team);
}
