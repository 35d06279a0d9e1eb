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
 * How many of an organization's slots for exports are taken, so that the budget holds further requests back: by jobs that
 * Sluice drives or Clari reports, and by those that teams have just started on the mount, of which nobody hears until
 * Clari is asked again. Thread-safe.
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
        /** Those that the store knows of. */
        private int storedJobs;
        /** Those among them that are not the store's. */
        private int others;
        /** Those that Clari named last and that were started on the mount. */
        private int mountJobsReported;
        /** Jobs that were started on the mount since Clari was asked. */
        private final Set<Object> unreportedJobs = new HashSet<>();
        /** Those among them that the answer will hold for which Clari is being asked. */
        private Set<Object> coveredByPoll = Set.of();
        /** What Clari has said that the store does not know yet. */
        private @Nullable ReportedUsage reported;
        /** Whether Clari has been asked since; what it answers holds that. */
        private boolean polledSince;
        /** How many slots the budget was told last. */
        private int slots;
        /** Submissions on the mount that are on their way. Each holds a permit until it is answered. */
        private int mountSubmissionsInFlight;
        /** Those of them that were answered, and whose jobs do not count yet. */
        private int mountSubmissionsAnswered;
        /** 1 while a request of Sluice's own was answered whose job is not among those known. */
        private int ownSubmission;
        /** The ids of jobs that were started on the mount, the oldest first. */
        private final Set<String> mountJobIds = new LinkedHashSet<>();
        /** The team that has requested an export on the mount last. */
        private @Nullable String team;

        private int jobs() {
            return Math.max(storedJobs + unreportedJobs.size(), reported == null ? 0 : reported.taken);
        }

        /** Jobs that nobody has started through Sluice, as far as this process remembers. */
        private int foreign() {
            return Math.max(0, others - mountJobsReported);
        }
    }

    /** One of its kind even if another says the same. */
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

        /** Says that it is about to lose its permit, and may have led to a job. */
        void answered() {
            synchronized (ClariSlots.this) {
                of(account).mountSubmissionsAnswered += 1 - mountSubmissionsAnswered;
                mountSubmissionsAnswered = 1;
                occupy(account);
            }
        }

        /** Says that it has led to a job, or may have, in the name of that team. */
        void jobStarted(String team) {
            recordJobStarted(account, team);
        }

        /** Says that a job is one of the mount's. */
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

    /** Hears of a request on the mount that is about to be sent. */
    synchronized MountSubmissionSlot beginMountSubmission(String account) {
        of(account).mountSubmissionsInFlight++;
        return new MountSubmissionSlot(account);
    }

    /**
     * Hears that Clari has refused a request for its slot: all of them count as taken until it is asked again, whatever it says
     * now.
     */
    synchronized void recordNoFreeSlot(String account, String team, OrganizationLimits.LimitsReport report) {
        AccountSlots taken = of(account);
        taken.team = team;
        taken.polledSince = false;
        recordReport(account, new ReportedUsage(report.slots()), report);
    }

    /** Hears what Clari says, before the store does. */
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
        // What is taken first: a limit that is raised lets requests go at once.
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

    /** Says that a request of Sluice's own is about to lose its permit: its job counts until it is settled. */
    void ownSubmissionAnswered(String account) {
        setOwnSubmission(account, 1);
    }

    /** Says that the job of Sluice's own request, if there is one, is among those that are known. */
    void submissionCounted(String account) {
        setOwnSubmission(account, 0);
    }

    private synchronized void setOwnSubmission(String account, int jobs) {
        of(account).ownSubmission = jobs;
        occupy(account);
    }

    /** Whether a request on the mount is on its way. */
    synchronized boolean hasMountSubmission(String account) {
        return of(account).mountSubmissionsInFlight > 0;
    }

    /** Whether a team has started the job on the mount, as far as this process remembers: so it is no part's. */
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

    /** Where nobody asks Clari, nothing must count for good. */
    private void expireLater(String account, Consumer<AccountSlots> expiry) {
        timer.schedule(() -> expire(account, expiry), config.slotPoll());
    }

    private synchronized void expire(String account, Consumer<AccountSlots> expiry) {
        expiry.accept(of(account));
        occupy(account);
    }

    /** Says that Clari is being asked: what it answers holds whatever was started until now. */
    synchronized void pollStarted(String account) {
        AccountSlots taken = of(account);
        taken.coveredByPoll = Set.copyOf(taken.unreportedJobs);
        taken.polledSince = true;
    }

    /**
     * Says what the store knows.
     *
     * @param slots how many there are, if Clari has ever said so
     * @param jobs how many of them are taken
     * @param others how many of those by jobs that are not the store's
     * @param learned whether Clari's last answer is part of that
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

    /** The team that has requested an export on the mount last, while jobs run. */
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
