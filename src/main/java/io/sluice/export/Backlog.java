package io.sluice.export;

import io.sluice.AccountId;
import java.time.Instant;

/**
 * The backlog of a team at an account: its export jobs that have not ended, counted.
 *
 * @param queued how many wait for a slot at the vendor
 * @param running how many are submitted, run at the vendor or are being fetched
 * @param oldest when the oldest of all of them was requested
 */
public record Backlog(AccountId account, String team, int queued, int running, Instant oldest) {}
