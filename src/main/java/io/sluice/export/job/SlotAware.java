package io.sluice.export.job;

import io.sluice.export.job.Exporter.RetryLaterException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one vendor's accounts: what an {@link Exporter} adds whose vendor bounds the jobs under way, reports how
 * many there are, and counts calls of others against them.
 */
public interface SlotAware {
    /** Asks the vendor for an account's slots, with a team's permit. Waits for the permit and for the vendor. */
    Capacity capacity(String account, String team) throws InterruptedException, RetryLaterException;

    /**
     * The slots of an account, as the vendor reports them.
     *
     * @param slots how many jobs it may have
     * @param taken how many it has, started by us or by others
     * @param jobs their ids, as far as the vendor names them
     */
    record Capacity(int slots, int taken, Set<String> jobs) {
        public Capacity {
            jobs = Set.copyOf(jobs);
        }
    }

    /**
     * Receives the number of slots of an account that jobs take which are under way, so that calls on the mount can be
     * held back. A job that this process is just about to submit is not counted. Never waits.
     *
     * @param slots how many there are, if the vendor has ever reported it to any process
     * @param others how many of those taken are by jobs that the store has no row for
     * @param learned true if the numbers include the latest report of {@link #capacity}
     */
    void slotsChanged(String account, @Nullable Integer slots, int taken, int others, boolean learned);

    /**
     * Called once the job that was submitted last, if there is one, is counted in the numbers given to
     * {@link #slotsChanged}. Never waits.
     */
    void submissionCounted(String account);

    /**
     * The team to charge for polling an account whose slots are used by jobs we did not start, or whose quota is used
     * up; empty if it need not be polled.
     */
    Optional<String> teamToCharge(String account);
}
