package io.sluice.vendor.clari;

import io.sluice.budget.Budget;
import io.sluice.budget.Timer;
import io.sluice.export.ExportsConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The slots for exports that are taken in each organization, reported to the budget so that it holds further
 * submissions back: by jobs that Sluice drives or Clari reports, and by those that teams have just started on the
 * mount, which are counted by no report until Clari is polled again. Thread-safe.
 */
@ApplicationScoped
public class ClariSlots {
    private static final String BUDGET = "clari/";

    /** More than an organization may start in the time in which one of its jobs is looked for. */
    private static final int MOST_REMEMBERED = 1_000;

    private final Budget budget;
    private final Timer timer;
    private final ExportsConfig config;
    private final ReportedLimits limits;
    private final Map<String, AccountSlots> accounts = new HashMap<>(); // guarded by this

    ClariSlots(Budget budget, Timer timer, ExportsConfig config, ReportedLimits limits) {
        this.budget = budget;
        this.timer = timer;
        this.config = config;
        this.limits = limits;
    }

    private static final class AccountSlots {
        /** Jobs in the store. */
        private int storedJobs;
        /** Jobs among them that the store did not start. */
        private int others;
        /** Jobs in Clari's latest report that were started on the mount. */
        private int mountJobsReported;
        /** Jobs that were started on the mount since the last poll of Clari. */
        private final Set<Object> unreportedJobs = new HashSet<>();
        /** Jobs that the poll in progress already covers. */
        private Set<Object> coveredByPoll = Set.of();
        /** Clari's report, until the store's numbers include it. */
        private @Nullable ReportedUsage reported;
        /** True if a poll was started after this report. */
        private boolean polledSince;
        /** The slots that were last reported to the budget. */
        private int slots;
        /** Submissions on the mount that are under way. Each holds a permit until it is answered. */
        private int mountSubmissionsInFlight;
        /** Those of them that were answered, and whose jobs do not count yet. */
        private int mountSubmissionsAnswered;
        /** 1 while a submission of Sluice's own was answered whose job is not counted yet. */
        private int ownSubmission;
        /** The ids of jobs that were started on the mount, the oldest first. */
        private final Set<String> mountJobIds = new LinkedHashSet<>();
        /** The team that submitted the latest export on the mount. */
        private @Nullable String team;

        private int jobs() {
            return Math.max(storedJobs + unreportedJobs.size(), reported == null ? 0 : reported.taken);
        }

        /** Jobs that were not started through Sluice, as far as this process remembers. */
        private int foreign() {
            return Math.max(0, others - mountJobsReported);
        }
    }

    /** Compared by identity: a later report with the same number is another one. */
    private static final class ReportedUsage {
        private final int taken;

        ReportedUsage(int taken) {
            this.taken = taken;
        }
    }

    /** One submission on the mount, from before it is sent until its job counts, if there is one. */
    final class MountSubmissionSlot implements AutoCloseable {
        private final String account;
        private int mountSubmissionsAnswered;

        private MountSubmissionSlot(String account) {
            this.account = account;
        }

        /** Called when it is about to lose its permit, and may have led to a job. */
        void answered() {
            synchronized (ClariSlots.this) {
                of(account).mountSubmissionsAnswered += 1 - mountSubmissionsAnswered;
                mountSubmissionsAnswered = 1;
                occupy(account);
            }
        }

        /** Called when it has led to a job, or may have, for that team. */
        void jobStarted(String team) {
            recordJobStarted(account, team);
        }

        /** Records the id of a job that was started on the mount. */
        void recordJobId(String job) {
            synchronized (ClariSlots.this) {
                Set<String> jobs = of(account).mountJobIds;
                jobs.add(job);
                if (jobs.size() > MOST_REMEMBERED) {
                    jobs.remove(jobs.iterator().next());
                }
            }
        }

        @Override
        public void close() {
            synchronized (ClariSlots.this) {
                of(account).mountSubmissionsAnswered -= mountSubmissionsAnswered;
                of(account).mountSubmissionsInFlight--;
                occupy(account);
            }
        }
    }

    /** Registers a submission on the mount that is about to be sent. */
    synchronized MountSubmissionSlot beginMountSubmission(String account) {
        of(account).mountSubmissionsInFlight++;
        return new MountSubmissionSlot(account);
    }

    /**
     * Records that Clari has refused a submission because no slot is free: all of them count as taken until the next
     * poll, even if the report says otherwise.
     */
    synchronized void recordNoFreeSlot(String account, String team, OrganizationLimits.LimitsReport report) {
        AccountSlots taken = of(account);
        taken.team = team;
        taken.polledSince = false;
        recordReport(account, new ReportedUsage(report.slots()), report);
    }

    /** Records a report of Clari's before the store does. */
    synchronized void recordReport(String account, OrganizationLimits.LimitsReport report) {
        AccountSlots taken = of(account);
        if (taken.reported == null || taken.polledSince) {
            taken.polledSince = true;
            recordReport(account, new ReportedUsage(report.taken()), report);
        }
    }

    private void recordReport(String account, ReportedUsage reported, OrganizationLimits.LimitsReport report) {
        AccountSlots taken = of(account);
        taken.reported = reported;
        taken.mountJobsReported =
                (int) report.jobs().stream().filter(taken.mountJobIds::contains).count();
        // The taken slots first: a limit that is raised lets submissions go at once.
        occupy(account);
        change(account, report.slots());
        expireLater(account, later -> {
            if (later.reported == reported) {
                later.reported = null;
            }
        });
    }

    private void change(String account, int slots) {
        of(account).slots = slots;
        limits.reportSlots(account, slots);
    }

    /** Called when a submission of Sluice's own is about to lose its permit: its job counts until it is settled. */
    void ownSubmissionAnswered(String account) {
        setOwnSubmission(account, 1);
    }

    /** Called when the job of Sluice's own submission, if there is one, is included in the store's numbers. */
    void submissionCounted(String account) {
        setOwnSubmission(account, 0);
    }

    private synchronized void setOwnSubmission(String account, int jobs) {
        of(account).ownSubmission = jobs;
        occupy(account);
    }

    /** True if a submission on the mount is under way. */
    synchronized boolean hasMountSubmission(String account) {
        return of(account).mountSubmissionsInFlight > 0;
    }

    /**
     * True if a team started the job on the mount, as far as this process remembers: then it belongs to no export of
     * Sluice.
     */
    synchronized boolean isMountJob(String account, String job) {
        return of(account).mountJobIds.contains(job);
    }

    private synchronized void recordJobStarted(String account, String team) {
        AccountSlots taken = of(account);
        Object job = new Object();
        taken.unreportedJobs.add(job);
        taken.team = team;
        occupy(account);
        expireLater(account, later -> later.unreportedJobs.remove(job));
    }

    /** Removes a count after the poll interval: where Clari is not polled, it must not stay for good. */
    private void expireLater(String account, Consumer<AccountSlots> expiry) {
        timer.schedule(() -> expire(account, expiry), config.slotPoll());
    }

    private synchronized void expire(String account, Consumer<AccountSlots> expiry) {
        expiry.accept(of(account));
        occupy(account);
    }

    /** Called when a poll of Clari starts: its report covers every job that was started until now. */
    synchronized void pollStarted(String account) {
        AccountSlots taken = of(account);
        taken.coveredByPoll = Set.copyOf(taken.unreportedJobs);
        taken.polledSince = true;
    }

    /**
     * Updates the numbers of the store.
     *
     * @param slots how many there are, if Clari has ever reported it
     * @param jobs how many of them are taken
     * @param others how many of those by jobs that the store did not start
     * @param learned true if the numbers include Clari's latest report
     */
    synchronized void updateStored(String account, OptionalInt slots, int jobs, int others, boolean learned) {
        AccountSlots taken = of(account);
        taken.storedJobs = jobs;
        taken.others = others;
        if (learned) {
            taken.unreportedJobs.removeAll(taken.coveredByPoll);
            if (taken.polledSince) {
                taken.reported = null;
            }
        }
        occupy(account);
        if (slots.isPresent() && slots.getAsInt() != taken.slots) {
            change(account, slots.getAsInt());
        }
    }

    /** The team that submitted the latest export on the mount; empty while no job runs. */
    synchronized Optional<String> teamToCharge(String account) {
        AccountSlots taken = of(account);
        return taken.jobs() > 0 ? Optional.ofNullable(taken.team) : Optional.empty();
    }

    private AccountSlots of(String account) {
        return accounts.computeIfAbsent(account, added -> new AccountSlots());
    }

    private void occupy(String account) {
        AccountSlots taken = of(account);
        budget.setExternalUse(
                BUDGET + account,
                ClariLimits.EXPORT_JOBS,
                taken.jobs() + taken.mountSubmissionsAnswered + taken.ownSubmission,
                taken.foreign());
    }
}
