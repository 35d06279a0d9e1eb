package io.sluice.team;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Teams for tests that need no Quarkus. */
public final class ConfiguredTeams {
    private ConfiguredTeams() {}

    private record One(String keyHash, List<String> allow) implements TeamsConfig.Team {
        @Override
        public int weight() {
            return 1;
        }

        @Override
        public boolean admin() {
            return false;
        }

        @Override
        public int maxQueued() {
            return 100;
        }

        @Override
        public boolean stale() {
            return true;
        }
    }

    /** Returns teams of these names, each with what it may call. */
    public static Teams of(Map<String, List<String>> allowed) {
        Map<String, TeamsConfig.Team> teams = new TreeMap<>();
        allowed.forEach((name, allow) -> teams.put(name, new One("%064x".formatted(teams.size()), allow)));
        return new Teams(() -> teams);
    }
}
