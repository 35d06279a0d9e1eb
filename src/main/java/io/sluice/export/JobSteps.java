package io.sluice.export;

import io.sluice.export.Exporter.NotNowException;
import io.sluice.export.Exporter.Report;
import io.sluice.export.Exporter.Submission;
import io.sluice.export.JobState.Cancelled;
import io.sluice.export.JobState.Done;
import io.sluice.export.JobState.Failed;
import io.sluice.export.JobState.Fetching;
import io.sluice.export.JobState.Queued;
import io.sluice.export.JobState.Running;
import io.sluice.export.JobState.Submitting;
import io.sluice.export.Trouble.Kind;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes a claimed job one step further. Waits for permits and for the vendor; stores nothing about the job, which is for
 * the caller to do before anybody takes its next step.
 */
final class JobSteps {
    private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);
    /** How often a file is asked for again that the vendor says it does not have. */
    private static final int MISSING_TRIES = 3;

    private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);
    private static final double JITTER = 0.1;
    /** Our clock, or the vendor's, may be put right between an order and the search for its job. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private final ExportStore store;
    private final FileFetch files;
    private final ExportsConfig config;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final PollSchedule polls;

    JobSteps(ExportStore store, FileFetch files, ExportsConfig config, InstantSource clock, RandomGenerator random) {
        this.store = store;
        this.files = files;
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.polls = new PollSchedule(config.firstPoll(), config.pollFactor(), config.maxPoll(), random);
    }

    /**
     * The job after its next step.
     *
     * @param fresh whether it was claimed for submitting, rather than found in that state
     * @param ours whether the lease lasts long enough for an order to be sent
     */
    Job next(Job job, Exporter exporter, boolean fresh, BooleanSupplier ours) throws InterruptedException {
        try {
            return switch (job.state()) {
                case Queued _ -> waited(job);
                case Submitting submitting -> fresh ? submitted(job, exporter, ours) : found(job, submitting, exporter);
                case Running running ->
                    job.cancelling() ? cancelled(job, running, exporter) : looked(job, running, exporter);
                case Fetching fetching -> job.cancelling() ? unwanted(job) : fetched(job, fetching, exporter);
                case Done _, Failed _, Cancelled _ -> throw new IllegalStateException(job.id() + " is over");
            };
        } catch (NotNowException e) {
            Trouble trouble = Trouble.of(Kind.VENDOR_UNAVAILABLE, String.valueOf(e.getMessage()));
            return late(job) ? failed(job, trouble) : job.again(after(e.retryAfter()), trouble);
        }
    }

    private Job waited(Job job) {
        if (job.cancelling()) {
            return unwanted(job);
        }
        return late(job)
                ? failed(job, Trouble.of(Kind.DEADLINE_PASSED, "no slot was free within " + config.maxQueued()))
                : job.again(giveUpAt(job), job.trouble());
    }

    private Job submitted(Job job, Exporter exporter, BooleanSupplier ours) throws InterruptedException {
        JobSpec spec = job.spec();
        return switch (exporter.submit(spec, ours)) {
            case Submission.Accepted(String id) -> running(job, id, null, List.of());
            case Submission.SlotsTaken(String detail) -> {
                store.slots().close(spec.vendor(), spec.account(), after(config.refreshWaiting()));
                yield queuedAgain(job, Trouble.of(Kind.VENDOR_UNAVAILABLE, detail));
            }
            case Submission.Refused(Trouble trouble) -> failed(job, trouble);
            case Submission.NotNow(Duration retryAfter, String detail) -> {
                store.slots().close(spec.vendor(), spec.account(), after(retryAfter));
                yield queuedAgain(job, Trouble.of(Kind.VENDOR_UNAVAILABLE, detail));
            }
            case Submission.Unknown(String detail) ->
                // From now on: the vendor may have been at work until the call was given up.
                job.again(
                        clock.instant().plus(config.settle()),
                        Trouble.of(Kind.VENDOR_UNAVAILABLE, detail + "; looking for the job"));
        };
    }

    /** Looks for the job of an order whose outcome is unknown. */
    private Job found(Job job, Submitting submitting, Exporter exporter) throws InterruptedException, NotNowException {
        JobSpec spec = job.spec();
        if (store.laterOnItsWay(job, submitting)) {
            return job.again(after(SHORTEST_RETRY), job.trouble());
        }
        Instant ordered = submitting.since().minus(SLACK);
        List<String> candidates = new ArrayList<>(exporter.candidates(spec, ordered));
        candidates.removeAll(submitting.notOurs());
        Set<String> known = store.known(spec.vendor(), spec.account(), candidates);
        candidates.removeIf(known::contains);
        if (candidates.isEmpty()) {
            return job.cancelling() ? unwanted(job) : queuedAgain(job, null);
        }
        return running(job, candidates.getFirst(), submitting.since(), submitting.notOurs());
    }

    private Job running(Job job, String vendorJobId, @Nullable Instant ordered, List<String> notOurs) {
        Instant now = clock.instant();
        Running running = new Running(vendorJobId, now, 0, ordered, notOurs);
        Instant due = now.plus(polls.next(0, Duration.ZERO, usual(job.spec())));
        return job.next(
                running, due, now.plus(config.deadline()).plus(job.spec().allowance()));
    }

    /** What is known of such jobs, if anything can be known: that there is a job at the vendor must not be forgotten. */
    private Optional<Usual> usual(JobSpec spec) {
        try {
            return store.usual(spec);
        } catch (StoreUnavailableException e) {
            return Optional.empty();
        }
    }

    /** A job that was claimed for an order which is not sent. */
    static Job unsent(Job job) {
        return queued(job, job.attempts() - 1, job.trouble());
    }

    private static Job queuedAgain(Job job, @Nullable Trouble why) {
        return queued(job, job.attempts(), why);
    }

    private static Job queued(Job job, int attempts, @Nullable Trouble why) {
        return new Job(
                job.id(), job.spec(), new Queued(), attempts, giveUpAt(job), job.giveUpAt(), job.cancelling(), why);
    }

    private Job looked(Job job, Running running, Exporter exporter) throws InterruptedException, NotNowException {
        Report report = exporter.look(job.spec(), running.vendorJobId());
        Instant now = clock.instant();
        Running once = new Running(
                running.vendorJobId(), running.since(), running.polls() + 1, running.ordered(), running.notOurs());
        return switch (report) {
            case Report.Running _
            when late(job) -> {
                String detail = "the job was not over " + giveUpAt(job);
                try {
                    exporter.cancel(job.spec(), running.vendorJobId());
                } catch (NotNowException e) {
                    detail += ", and goes on at the vendor: " + e.getMessage();
                }
                yield job.over(
                        new Failed(running.vendorJobId(), once.polls(), Trouble.of(Kind.DEADLINE_PASSED, detail)));
            }
            case Report.Running _ -> {
                Duration ran = Duration.between(running.since(), now);
                Instant due = now.plus(polls.next(once.polls(), ran, store.usual(job.spec())));
                yield job.next(once, due.isAfter(giveUpAt(job)) ? giveUpAt(job) : due, giveUpAt(job));
            }
            case Report.Ended(JobState.Ended ended) -> {
                Long took = ended.took();
                store.learn(
                        job.spec(), took == null ? Duration.between(running.since(), now) : Duration.ofMillis(took));
                yield job.next(new Fetching(once, ended, 0), now, keptUntil(ended, now));
            }
            case Report.Failed(Trouble trouble) -> job.over(new Failed(running.vendorJobId(), once.polls(), trouble));
        };
    }

    private Job fetched(Job job, Fetching fetching, Exporter exporter) throws InterruptedException, NotNowException {
        Running running = fetching.running();
        return switch (files.fetch(job, running.vendorJobId(), exporter)) {
            case FileFetch.Fetched.Stored(JobState.StoredFile file) ->
                job.over(new Done(running.vendorJobId(), running.polls(), fetching.ended(), file));
            case FileFetch.Fetched.Wrong(Trouble trouble) -> wrong(job, running, trouble);
            case FileFetch.Fetched.Missing(Trouble trouble) ->
                fetching.tries() < MISSING_TRIES ? fetchedLater(job, fetching, trouble) : failed(job, trouble);
            case FileFetch.Fetched.Broken(Trouble trouble) ->
                late(job) ? failed(job, trouble) : fetchedLater(job, fetching, trouble);
        };
    }

    private Job fetchedLater(Job job, Fetching fetching, Trouble trouble) {
        Fetching again = new Fetching(fetching.running(), fetching.ended(), fetching.tries() + 1);
        return new Job(
                job.id(),
                job.spec(),
                again,
                job.attempts(),
                after(backoff(again.tries())),
                job.giveUpAt(),
                job.cancelling(),
                trouble);
    }

    /** A job that was found at the vendor, and is not ours after all: the search goes on without it. */
    private Job wrong(Job job, Running running, Trouble trouble) {
        Instant ordered = running.ordered();
        if (ordered == null) {
            return failed(job, trouble);
        }
        List<String> notOurs = new ArrayList<>(running.notOurs());
        notOurs.add(running.vendorJobId());
        Instant now = clock.instant();
        return job.next(new Submitting(ordered, List.copyOf(notOurs)), now, now.plus(config.maxQueued()));
    }

    private static Job cancelled(Job job, Running running, Exporter exporter)
            throws InterruptedException, NotNowException {
        exporter.cancel(job.spec(), running.vendorJobId());
        return unwanted(job);
    }

    private static Job unwanted(Job job) {
        return job.over(new Cancelled(job.state().atVendor(), job.state().polled()));
    }

    private static Job failed(Job job, Trouble trouble) {
        return job.over(new Failed(job.state().atVendor(), job.state().polled(), trouble));
    }

    /** Until when a file is kept: here as long as configured, and not beyond the vendor's own end. */
    Instant keptUntil(JobState.Ended ended, Instant now) {
        Instant ours = now.plus(config.keepFor());
        Instant theirs = ended.fileUntil();
        return theirs == null || theirs.isAfter(ours) ? ours : theirs;
    }

    private boolean late(Job job) {
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
        // When the vendor says, and not later: those that were sent away together come back together, and the budget
        // spreads their calls.
        return clock.instant().plus(wait.compareTo(SHORTEST_RETRY) < 0 ? SHORTEST_RETRY : wait);
    }

    private Duration backoff(int tries) {
        Duration wait = Duration.ofSeconds(5).multipliedBy(1L << Math.min(tries - 1, 6));
        Duration longest = wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
        return longest.plusMillis((long) (random.nextDouble() * JITTER * longest.toMillis()));
    }
}
