package io.sluice.vendor.clari;

import io.sluice.budget.Priority;
import io.sluice.export.Exporter.RetryLaterException;
import java.time.Duration;
import java.util.Set;

/** What an organization may have under way, and how much of its quota is left. */
@FunctionalInterface
interface OrganizationLimits {
    /** The quota counts the exports of so many days. */
    Duration QUOTA_WINDOW = Duration.ofDays(30);

    /**
     * Asks Clari. Waits for a permit, as long as {@code maxWait}, and for the answer.
     *
     * @throws RetryLaterException if there is no answer, or none with the numbers
     */
    LimitsReport ask(String account, String team, Priority priority, Duration maxWait)
            throws InterruptedException, RetryLaterException;

    /**
     * What Clari says.
     *
     * @param slots how many exports there may be at once; {@code taken} is how many there are, whoever started them
     * @param jobs the ids of those that there are
     * @param quota how many exports there may be in {@link #QUOTA_WINDOW}, {@code quotaLeft} of them still
     */
    record LimitsReport(int slots, int taken, Set<String> jobs, int quota, int quotaLeft) {}
}
