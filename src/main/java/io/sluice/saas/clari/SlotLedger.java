package io.sluice.saas.clari;

import io.sluice.budget.Timer;
import io.sluice.saas.clari.AdminLimits.LimitsReport;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of one organization's slots for exports: the one owner of what is known to take a slot. Every change is a
 * transition, one method each; after each, the listener gets the number of slots that count as taken beside the permits
 * of calls in flight. Thread-safe.
 *
 * <p>A job takes a slot from before its request is sent until it ends, and different parties report it meanwhile. It is
 * in one of these states, and moves to the next without a gap, so that at a change it counts twice for a moment rather
 * than not at all:
 *
 * <pre>
 * state           counts      begins with                              ends with
 * --------------  ----------  ---------------------------------------  ---------------------------------------------
 * in flight       its permit  beginMountSubmission; the store's claim  answered, ownSubmissionAnswered; close
 * answered        1           answered                                 close, after jobStarted if there is a job
 * own submission  1           ownSubmissionAnswered                    submissionCounted: it is stored, or no job
 * unreported      1           jobStarted                               pollStarted: covered; expiry
 * covered         1           pollStarted                              updateStored with the poll's report; expiry
 * stored          1           updateStored                             updateStored without it
 * </pre>
 *
 * <p>Clari's own number stands beside these, in one of three states: none; reported, until the store's numbers include
 * it; refused, after a request was refused since no slot is free: all slots count, and no report of a poll that was
 * already under way changes that.
 *
 * <pre>
 *                                   none       reported   refused
 * --------------------------------  ---------  ---------  -----------------------------------------
 * recordReport                      reported   reported   refused: the report is the older one
 * recordNoFreeSlot                  refused    refused    refused
 * pollStarted                       none       reported   reported, with the number of the refusal
 * updateStored with the report      none       none       refused
 * updateStored without it           none       reported   refused
 * expiry                            none       none       none
 * </pre>
 *
 * <p>Taken are {@code max(unreported + covered + stored, Clari's number) + answered + own submission}. Expiry is for
 * processes that never poll: what no poll confirms counts for one poll interval.
 */
final class SlotLedger {
    /** More than an organization may start in the time in which one of its jobs is searched for. */
    private static final int MOST_JOB_IDS = 1_000;

    private final Timer timer;
    private final Duration expiry;
    private final Listener listener;

    private final Set<StartedJob> startedJobs = new HashSet<>(); // guarded by this; unreported or covered
    private final Set<String> mountJobIds = new LinkedHashSet<>(); // guarded by this; the oldest first
    private @Nullable VendorNumber vendorNumber; // guarded by this
    private int storedJobs; // guarded by this
    private int storedForeignJobs; // guarded by this; of storedJobs, those that the store did not start
    private int reportedMountJobs; // guarded by this; of Clari's latest report
    private int slots; // guarded by this; as the listener got it last
    private int mountSubmissions; // guarded by this; in flight or answered
    private int answeredMountSubmissions; // guarded by this
    private boolean ownSubmission; // guarded by this
    private @Nullable String team; // guarded by this; that requested the latest export on the mount

    SlotLedger(Timer timer, Duration expiry, Listener listener) {
        this.timer = timer;
        this.expiry = expiry;
        this.listener = listener;
    }

    /** The receiver of a ledger's numbers. Called under the ledger's lock, so that the last call has the latest state. */
    interface Listener {
        /**
         * Receives the number of slots that are taken beside the permits of calls in flight.
         *
         * @param foreign how many of them by jobs that were not started through Sluice, as far as this process knows
         */
        void slotsTaken(int taken, int foreign);

        /** Receives how many slots there are. */
        void slotsAllowed(int slots);
    }

    /** A job that was started on the mount: covered if a poll was started since. */
    private static final class StartedJob {
        private boolean covered;
    }

    /** A number of Clari's, whose state is refused or reported. Compared by identity: its expiry is not another's. */
    private static final class VendorNumber {
        private final int taken;
        private boolean refused;

        VendorNumber(int taken, boolean refused) {
            this.taken = taken;
            this.refused = refused;
        }
    }

    /** One submission on the mount, from before it is sent until its job counts, if there is one. */
    final class MountSubmissionSlot implements AutoCloseable {
        private boolean answered;

        /** Takes the place of the permit, which is about to be given back after an attempt that may have led to a job. */
        void answered() {
            synchronized (SlotLedger.this) {
                answeredMountSubmissions += answered ? 0 : 1;
                answered = true;
                report();
            }
        }

        /** Counts the job that it has led to, or may have led to, for a team. */
        void jobStarted(String requestedBy) {
            countStartedJob(requestedBy);
        }

        /** Records the id of the job, for {@link #isMountJob}. */
        void recordJobId(String job) {
            synchronized (SlotLedger.this) {
                mountJobIds.add(job);
                if (mountJobIds.size() > MOST_JOB_IDS) {
                    mountJobIds.remove(mountJobIds.iterator().next());
                }
            }
        }

        @Override
        public void close() {
            synchronized (SlotLedger.this) {
                answeredMountSubmissions -= answered ? 1 : 0;
                mountSubmissions--;
                report();
            }
        }
    }

    /** Begins a submission on the mount that is about to be sent. */
    synchronized MountSubmissionSlot beginMountSubmission() {
        mountSubmissions++;
        return new MountSubmissionSlot();
    }

    private synchronized void countStartedJob(String requestedBy) {
        StartedJob job = new StartedJob();
        startedJobs.add(job);
        team = requestedBy;
        report();
        afterExpiry(() -> startedJobs.remove(job));
    }

    /** Takes the place of the permit of a submission of Sluice's own, which is about to be given back. */
    synchronized void ownSubmissionAnswered() {
        ownSubmission = true;
        report();
    }

    /** Ends the state of Sluice's own submission: its job, if there is one, is included in the store's numbers. */
    synchronized void submissionCounted() {
        ownSubmission = false;
        report();
    }

    /** Begins a poll of Clari, whose report will cover every job that was started until now. */
    synchronized void pollStarted() {
        startedJobs.forEach(job -> job.covered = true);
        if (vendorNumber != null) {
            vendorNumber.refused = false;
        }
    }

    /** Counts Clari's report before the store includes it. */
    synchronized void recordReport(LimitsReport reported) {
        if (vendorNumber == null || !vendorNumber.refused) {
            replaceVendorNumber(new VendorNumber(reported.taken(), false), reported);
        }
    }

    /**
     * Counts all slots as taken, whatever Clari reports: it has just refused a request since none is free.
     *
     * @param requestedBy the team whose request was refused
     */
    synchronized void recordNoFreeSlot(String requestedBy, LimitsReport reported) {
        team = requestedBy;
        replaceVendorNumber(new VendorNumber(reported.slots(), true), reported);
    }

    private void replaceVendorNumber(VendorNumber number, LimitsReport reported) {
        vendorNumber = number;
        reportedMountJobs =
                (int) reported.jobs().stream().filter(mountJobIds::contains).count();
        // The taken slots first: a limit that is raised lets submissions go at once.
        report();
        allow(reported.slots());
        afterExpiry(() -> {
            if (vendorNumber == number) {
                vendorNumber = null;
            }
        });
    }

    /**
     * Replaces the numbers of the store.
     *
     * @param allowed how many slots there are; null if Clari has never reported it to any process
     * @param jobs how many of them are taken
     * @param foreign how many of those by jobs that the store did not start
     * @param learned true if the numbers include the report of the latest poll
     */
    synchronized void updateStored(@Nullable Integer allowed, int jobs, int foreign, boolean learned) {
        storedJobs = jobs;
        storedForeignJobs = foreign;
        if (learned) {
            startedJobs.removeIf(job -> job.covered);
            if (vendorNumber != null && !vendorNumber.refused) {
                vendorNumber = null;
            }
        }
        report();
        if (allowed != null && allowed != slots) {
            allow(allowed);
        }
    }

    private void afterExpiry(Runnable transition) {
        timer.schedule(() -> expire(transition), expiry);
    }

    private synchronized void expire(Runnable transition) {
        transition.run();
        report();
    }

    /** True while a submission on the mount is under way. */
    synchronized boolean hasMountSubmission() {
        return mountSubmissions > 0;
    }

    /** True if the job was started on the mount, as far as this process knows: then it belongs to no export of Sluice. */
    synchronized boolean isMountJob(String job) {
        return mountJobIds.contains(job);
    }

    /** The team that requested the latest export on the mount; empty while no job runs. */
    synchronized Optional<String> teamToCharge() {
        return jobs() > 0 ? Optional.ofNullable(team) : Optional.empty();
    }

    private int jobs() {
        return Math.max(storedJobs + startedJobs.size(), vendorNumber == null ? 0 : vendorNumber.taken);
    }

    private void report() {
        listener.slotsTaken(
                jobs() + answeredMountSubmissions + (ownSubmission ? 1 : 0),
                Math.max(0, storedForeignJobs - reportedMountJobs));
    }

    private void allow(int allowed) {
        slots = allowed;
        listener.slotsAllowed(allowed);
    }
}
