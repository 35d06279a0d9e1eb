package io.sluice.gateway;

import io.sluice.budget.Flow;
import io.sluice.call.Flows;
import io.sluice.team.Team;
import io.sluice.team.Teams;
import jakarta.enterprise.context.ApplicationScoped;

/** The flows of the configured teams. */
@ApplicationScoped
public class TeamFlows implements Flows {
    /** The default of {@code sluice.teams.<team>.max-queued}. */
    private static final int MAX_QUEUED = 1000;

    private final Teams teams;

    TeamFlows(Teams teams) {
        this.teams = teams;
    }

    @Override
    public Flow of(String name) {
        Team team = teams.all().get(name);
        return team == null ? new Flow(name, 1, MAX_QUEUED) : of(team);
    }

    static Flow of(Team team) {
        return new Flow(team.name(), team.weight(), team.maxQueued());
    }
}
