package io.sluice.vendor.clari;

import io.sluice.budget.Priority;
import io.sluice.export.Exporter.RetryLaterException;
import java.time.Duration;
import java.util.Set;

/** The limits of an organization: slots for exports, and the quota that is left. */
@FunctionalInterface
interface OrganizationLimits {
    /** The window of the quota, in whole days. */
    Duration QUOTA_WINDOW = Duration.ofDays(30);

    /**
     * Polls Clari. Waits for a permit, as long as {@code maxWait}, and for the response.
     *
     * @throws RetryLaterException if there is no response, or none with the numbers
     */
    LimitsReport ask(String account, String team, Priority priority, Duration maxWait)
            throws InterruptedException, RetryLaterException;

    /**
     * Clari's report of an organization's limits.
     *
     * @param slots how many exports there may be at once; {@code taken} is how many there are, started by us or by
     *     others
     * @param jobs the ids of the running exports
     * @param quota how many exports there may be in {@link #QUOTA_WINDOW}, {@code quotaLeft} of them still
     */
    record LimitsReport(int slots, int taken, Set<String> jobs, int quota, int quotaLeft) {}
}
