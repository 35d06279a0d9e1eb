package io.sluice.budget;

/**
 * One team's stream of calls, as far as sharing is concerned.
 *
 * @param team whose it is
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
