package io.sluice.export;

import java.time.Instant;

/**
 * The export jobs of a team at an account that are not over.
 *
 * @param queued how many wait for a slot at the vendor
 * @param running how many are sent, worked on or fetched
 * @param oldest when the oldest of all of them was requested
 */
public record Backlog(String vendor, String account, String team, int queued, int running, Instant oldest) {}
