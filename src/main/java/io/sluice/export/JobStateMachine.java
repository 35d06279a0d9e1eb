package io.sluice.export;

import io.sluice.budget.window.Backoff;
import io.sluice.export.files.FileFetcher;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Exporter.Report;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.Exporter.Submission;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobProblem.Kind;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState;
import io.sluice.export.job.JobState.Cancelled;
import io.sluice.export.job.JobState.Done;
import io.sluice.export.job.JobState.Failed;
import io.sluice.export.job.JobState.Fetching;
import io.sluice.export.job.JobState.Queued;
import io.sluice.export.job.JobState.Running;
import io.sluice.export.job.JobState.Submitting;
import io.sluice.reconcile.Candidates;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a job: takes a claimed job one step further. Waits for permits and for the vendor; stores
 * nothing about the job, which the caller does before the job's next step.
 */
final class JobStateMachine {
    private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);
    /** How often a file is fetched again that the vendor reports as missing. */
    private static final int MISSING_TRIES = 3;

    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);
    private static final double JITTER = 0.1;
    /** The slack for our clock, or the vendor's, being adjusted between a request and the search for its job. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private final ExportStores stores;
    private final FileFetcher files;
    private final ExportsConfig config;
    private final InstantSource clock;
    private final Backoff backoff;
    private final PollSchedule polls;

    JobStateMachine(
            ExportStores stores, FileFetcher files, ExportsConfig config, InstantSource clock, RandomGenerator random) {
        this.stores = stores;
        this.files = files;
        this.config = config;
        this.clock = clock;
        this.backoff = new Backoff(FIRST_RETRY, 2, LONGEST_RETRY, JITTER, random);
        this.polls = new PollSchedule(config.firstPoll(), config.pollFactor(), config.maxPoll(), random);
    }

    /**
     * The job after its next step.
     *
     * @param forSubmission true if it was claimed for submitting, rather than found in that state
     * @param leaseValid true while the lease lasts long enough for a request to be sent
     * @throws InterruptedException if the process is stopping
     */
    Job next(Job job, Exporter exporter, boolean forSubmission, BooleanSupplier leaseValid)
            throws InterruptedException {
        try {
            return switch (job.state()) {
                case Queued _ -> checkQueued(job);
                case Submitting submitting ->
                    forSubmission ? submit(job, exporter, leaseValid) : reconcile(job, submitting, exporter);
                case Running running ->
                    job.cancelling() ? cancel(job, running, exporter) : poll(job, running, exporter);
                case Fetching fetching -> job.cancelling() ? toCancelled(job) : fetch(job, fetching, exporter);
                case Done _, Failed _, Cancelled _ -> throw new IllegalStateException(job.id() + " is over");
            };
        } catch (RetryLaterException e) {
            JobProblem problem = JobProblem.of(Kind.VENDOR_UNAVAILABLE, String.valueOf(e.getMessage()));
            return isOverdue(job) ? fail(job, problem) : job.again(after(e.retryAfter()), problem);
        }
    }

    private Job checkQueued(Job job) {
        if (job.cancelling()) {
            return toCancelled(job);
        }
        return isOverdue(job)
                ? fail(job, JobProblem.of(Kind.DEADLINE_PASSED, "no slot was free within " + config.maxQueued()))
                : job.again(giveUpAt(job), job.problem());
    }

    private Job submit(Job job, Exporter exporter, BooleanSupplier leaseValid) throws InterruptedException {
        JobSpec spec = job.spec();
        return switch (exporter.submit(spec, leaseValid)) {
            case Submission.Accepted(String id) -> toRunning(job, id, null, List.of());
            case Submission.SlotsTaken(String detail) -> {
                stores.slots().close(spec.account(), after(config.slotPollWhenFull()));
                yield requeue(job, JobProblem.of(Kind.VENDOR_UNAVAILABLE, detail));
            }
            case Submission.Refused(JobProblem problem) -> fail(job, problem);
            case Submission.RetryLater(Duration retryAfter, String detail) -> {
                stores.slots().close(spec.account(), after(retryAfter));
                yield requeue(job, JobProblem.of(Kind.VENDOR_UNAVAILABLE, detail));
            }
            case Submission.Unknown(String detail) ->
                // From now on: the vendor may have been at work until the call was abandoned.
                job.again(
                        clock.instant().plus(config.reconcileDelay()),
                        JobProblem.of(Kind.VENDOR_UNAVAILABLE, detail + "; looking for the job"));
        };
    }

    /**
     * Reconciles a submission whose outcome is unknown: looks for its job at the vendor, and adopts it or submits
     * again.
     */
    private Job reconcile(Job job, Submitting submitting, Exporter exporter)
            throws InterruptedException, RetryLaterException {
        JobSpec spec = job.spec();
        if (stores.jobs().isLaterSubmissionPending(job, submitting)) {
            return job.again(after(SHORTEST_RETRY), job.problem());
        }
        Instant submittedAt = submitting.since().minus(SLACK);
        Candidates<String> found = exporter.findSubmitted(spec, submittedAt).without(submitting.excludedJobIds());
        Optional<String> ours = found.without(stores.jobs().assignedJobs(spec.account(), found.all()))
                .oldest();
        if (ours.isEmpty()) {
            return job.cancelling() ? toCancelled(job) : requeue(job, null);
        }
        return toRunning(job, ours.get(), submitting.since(), submitting.excludedJobIds());
    }

    private Job toRunning(Job job, String vendorJobId, @Nullable Instant submittedAt, List<String> excludedJobIds) {
        Instant now = clock.instant();
        Running running = new Running(vendorJobId, now, 0, submittedAt, excludedJobIds);
        Instant due = now.plus(polls.next(0, Duration.ZERO, estimate(job.spec()).orElse(null)));
        return job.next(
                running, due, now.plus(config.deadline()).plus(job.spec().allowance()));
    }

    /**
     * The estimate for such jobs; empty also when the store fails, since the job at the vendor must be recorded first.
     */
    private Optional<DurationEstimate> estimate(JobSpec spec) {
        try {
            return stores.durations().estimate(spec);
        } catch (StoreUnavailableException e) {
            return Optional.empty();
        }
    }

    /** A job that was claimed for a request which is not sent. */
    static Job unsent(Job job) {
        return toQueued(job, job.attempts() - 1, job.problem());
    }

    private static Job requeue(Job job, @Nullable JobProblem why) {
        return toQueued(job, job.attempts(), why);
    }

    private static Job toQueued(Job job, int attempts, @Nullable JobProblem why) {
        return new Job(
                job.id(), job.spec(), new Queued(), attempts, giveUpAt(job), job.giveUpAt(), job.cancelling(), why);
    }

    private Job poll(Job job, Running running, Exporter exporter) throws InterruptedException, RetryLaterException {
        Report report = exporter.poll(job.spec(), running.vendorJobId());
        Instant now = clock.instant();
        Running once = new Running(
                running.vendorJobId(),
                running.since(),
                running.polls() + 1,
                running.submittedAt(),
                running.excludedJobIds());
        return switch (report) {
            case Report.Running _
            when isOverdue(job) -> {
                String detail = "the job was not over " + giveUpAt(job);
                try {
                    exporter.cancel(job.spec(), running.vendorJobId());
                } catch (RetryLaterException e) {
                    detail += ", and goes on at the vendor: " + e.getMessage();
                }
                yield job.over(
                        new Failed(running.vendorJobId(), once.polls(), JobProblem.of(Kind.DEADLINE_PASSED, detail)));
            }
            case Report.Running _ -> {
                Duration ran = Duration.between(running.since(), now);
                Instant due = now.plus(polls.next(
                        once.polls(),
                        ran,
                        stores.durations().estimate(job.spec()).orElse(null)));
                yield job.next(once, due.isAfter(giveUpAt(job)) ? giveUpAt(job) : due, giveUpAt(job));
            }
            case Report.Ended(JobState.Ended ended) -> {
                Long took = ended.took();
                stores.durations()
                        .learn(
                                job.spec(),
                                took == null ? Duration.between(running.since(), now) : Duration.ofMillis(took));
                yield job.next(new Fetching(once, ended, 0), now, keptUntil(ended, now));
            }
            case Report.Failed(JobProblem problem) ->
                job.over(new Failed(running.vendorJobId(), once.polls(), problem));
        };
    }

    private Job fetch(Job job, Fetching fetching, Exporter exporter) throws InterruptedException, RetryLaterException {
        Running running = fetching.running();
        return switch (files.fetch(job, running.vendorJobId(), exporter)) {
            case FileFetcher.FetchResult.Stored(JobState.StoredFile file) ->
                job.over(new Done(running.vendorJobId(), running.polls(), fetching.ended(), file));
            case FileFetcher.FetchResult.Mismatched(JobProblem problem) -> resumeReconciliation(job, running, problem);
            case FileFetcher.FetchResult.Missing(JobProblem problem) ->
                fetching.tries() < MISSING_TRIES ? retryFetch(job, fetching, problem) : fail(job, problem);
            case FileFetcher.FetchResult.Broken(JobProblem problem) ->
                isOverdue(job) ? fail(job, problem) : retryFetch(job, fetching, problem);
        };
    }

    private Job retryFetch(Job job, Fetching fetching, JobProblem problem) {
        Fetching again = new Fetching(fetching.running(), fetching.ended(), fetching.tries() + 1);
        return new Job(
                job.id(),
                job.spec(),
                again,
                job.attempts(),
                after(backoff.after(fetching.tries())),
                job.giveUpAt(),
                job.cancelling(),
                problem);
    }

    /** Excludes a job that was found at the vendor and belongs to others after all: the search goes on without it. */
    private Job resumeReconciliation(Job job, Running running, JobProblem problem) {
        Instant submittedAt = running.submittedAt();
        if (submittedAt == null) {
            return fail(job, problem);
        }
        List<String> excludedJobIds = new ArrayList<>(running.excludedJobIds());
        excludedJobIds.add(running.vendorJobId());
        Instant now = clock.instant();
        return job.next(new Submitting(submittedAt, List.copyOf(excludedJobIds)), now, now.plus(config.maxQueued()));
    }

    private static Job cancel(Job job, Running running, Exporter exporter)
            throws InterruptedException, RetryLaterException {
        exporter.cancel(job.spec(), running.vendorJobId());
        return toCancelled(job);
    }

    private static Job toCancelled(Job job) {
        return job.over(new Cancelled(job.state().atVendor(), job.state().polled()));
    }

    private static Job fail(Job job, JobProblem problem) {
        return job.over(new Failed(job.state().atVendor(), job.state().polled(), problem));
    }

    /** Until when a file is kept: here as long as configured, and not beyond the vendor's own end. */
    Instant keptUntil(JobState.Ended ended, Instant now) {
        Instant own = now.plus(config.keepFor());
        Instant theirs = ended.fileUntil();
        return theirs == null || theirs.isAfter(own) ? own : theirs;
    }

    private boolean isOverdue(Job job) {
        return !clock.instant().isBefore(giveUpAt(job));
    }

    private static Instant giveUpAt(Job job) {
        Instant giveUpAt = job.giveUpAt();
        if (giveUpAt == null) {
            throw new IllegalStateException(job.id() + " has no deadline");
        }
        return giveUpAt;
    }

    private Instant after(Duration wait) {
        // At the time that the vendor states, and not later: jobs that were sent away together come back together, and
        // the budget spreads their calls.
        return clock.instant().plus(wait.compareTo(SHORTEST_RETRY) < 0 ? SHORTEST_RETRY : wait);
    }
}
