package io.sluice.budget;

/**
 * A team's share of an account.
 *
 * @param team the team's name
 * @param weight its share beside other teams that wait, at least 1
 * @param maxQueued how many of its calls may wait for one account at once, at least 1
 */
public record TeamShare(String team, int weight, int maxQueued) {
    public TeamShare {
        if (weight < 1) {
            throw new IllegalArgumentException("weight of team " + team + " must be at least 1: " + weight);
        }
        if (maxQueued < 1) {
            throw new IllegalArgumentException("max-queued of team " + team + " must be at least 1: " + maxQueued);
        }
    }
}
