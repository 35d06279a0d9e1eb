package io.sluice.gateway;

import io.sluice.budget.TeamShare;
import io.sluice.call.TeamShares;
import io.sluice.team.Team;
import io.sluice.team.Teams;
import jakarta.enterprise.context.ApplicationScoped;

/** The shares of the configured teams. */
@ApplicationScoped
public class ConfiguredTeamShares implements TeamShares {
    /** The default of {@code sluice.teams.<team>.max-queued}. */
    private static final int MAX_QUEUED = 1000;

    private final Teams teams;

    ConfiguredTeamShares(Teams teams) {
        this.teams = teams;
    }

    @Override
    public TeamShare of(String name) {
        Team team = teams.all().get(name);
        return team == null ? new TeamShare(name, 1, MAX_QUEUED) : new TeamShare(name, team.weight(), team.maxQueued());
    }
}
