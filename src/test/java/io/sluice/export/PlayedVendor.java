package io.sluice.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.AccountId;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState;
import io.sluice.export.job.SlotAware;
import io.sluice.reconcile.Candidates;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A vendor played by a test: its jobs take as long as they are told to, and each call does what the test wants of the next
 * one, or else what a vendor in good health does. For one thread.
 */
class PlayedVendor implements Exporter, SlotAware {
    static final String NAME = "acme";
    static final AccountId ACCOUNT = new AccountId(NAME, "default");

    private final InstantSource clock;
    private final Map<String, VendorJob> jobs = new LinkedHashMap<>();
    private final List<String> cancelled = new ArrayList<>();
    private int slots = 3;
    private Duration takes = Duration.ofSeconds(12);
    private boolean configured = true;
    private int looks;
    private int fetches;
    private int asked;
    private int most;
    private int slotsInUse;

    final Deque<Doing<Submission>> submissions = new ArrayDeque<>();
    final Deque<Doing<Report>> reports = new ArrayDeque<>();
    final Deque<Doing<Content>> contents = new ArrayDeque<>();
    final Deque<Doing<List<String>>> lists = new ArrayDeque<>();
    final Deque<Doing<Capacity>> capacities = new ArrayDeque<>();
    final Deque<Doing<Boolean>> cancels = new ArrayDeque<>();

    PlayedVendor(InstantSource clock) {
        this.clock = clock;
    }

    /** What one call does. */
    @FunctionalInterface
    interface Doing<T> {
        T of(JobSpec job) throws InterruptedException, RetryLaterException, NoFileException;
    }

    /** A job there. */
    private record VendorJob(String part, Instant began, Instant ends) {}

    void slots(int count) {
        slots = count;
    }

    void takes(Duration duration) {
        takes = duration;
    }

    void forgetAccount() {
        configured = false;
    }

    /** How many jobs were ever begun. */
    int begun() {
        return jobs.size();
    }

    /** Begins a job, as a request would. */
    String begin(String part) {
        String id = "v" + (jobs.size() + 1);
        Instant now = clock.instant();
        jobs.put(id, new VendorJob(part, now, now.plus(takes)));
        most = Math.max(most, under());
        return id;
    }

    /** How many jobs there were, of a part. */
    long jobsOf(String part) {
        return jobs.values().stream().filter(job -> job.part().equals(part)).count();
    }

    List<String> cancelled() {
        return cancelled;
    }

    /** How many slots it was told last to be taken. */
    int slotsInUse() {
        return slotsInUse;
    }

    int looks() {
        return looks;
    }

    int fetches() {
        return fetches;
    }

    int asked() {
        return asked;
    }

    /** How many jobs were under way at once at the most. */
    int most() {
        return most;
    }

    private int under() {
        return live().size();
    }

    private List<String> live() {
        Instant now = clock.instant();
        return jobs.entrySet().stream()
                .filter(job -> job.getValue().ends().isAfter(now) && !cancelled.contains(job.getKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public String vendor() {
        return NAME;
    }

    @Override
    public Set<String> accounts() {
        return configured ? Set.of(ACCOUNT.account()) : Set.of();
    }

    @Override
    public String operation() {
        return "submit";
    }

    @Override
    public int slots() {
        return 1;
    }

    @Override
    public List<PartRequest> split(ObjectNode parameters) {
        throw new UnsupportedOperationException("tests order parts themselves");
    }

    @Override
    public Terms terms(JsonNode parameters) {
        throw new UnsupportedOperationException("tests order parts themselves");
    }

    private static String part(JobSpec job) {
        return job.parameters().path("part").asText();
    }

    @Override
    public Submission submit(JobSpec job, BooleanSupplier leaseValid) throws InterruptedException {
        if (!leaseValid.getAsBoolean()) {
            return new Submission.RetryLater(Duration.ofSeconds(1), "the lease ran out");
        }
        if (!submissions.isEmpty()) {
            try {
                return submissions.remove().of(job);
            } catch (RetryLaterException | NoFileException e) {
                throw new IllegalStateException(e);
            }
        }
        return under() < slots
                ? new Submission.Accepted(begin(part(job)))
                : new Submission.SlotsTaken("all slots are taken");
    }

    @Override
    public Candidates<String> findSubmitted(JobSpec job, Instant submittedAt)
            throws InterruptedException, RetryLaterException {
        if (!lists.isEmpty()) {
            return Candidates.of(played(lists, job));
        }
        return Candidates.of(jobs.entrySet().stream()
                .filter(listed -> !listed.getValue().began().isBefore(submittedAt))
                .map(Map.Entry::getKey)
                .toList());
    }

    @Override
    public Report poll(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException {
        looks++;
        if (!reports.isEmpty()) {
            return played(reports, job);
        }
        VendorJob looked = jobs.get(vendorJobId);
        if (looked == null || cancelled.contains(vendorJobId)) {
            return new Report.Failed(JobProblem.of(JobProblem.Kind.EXPORT_FAILED, "there is no such job"));
        }
        return looked.ends().isAfter(clock.instant())
                ? new Report.Running()
                : new Report.Ended(new JobState.Ended(
                        "file-" + vendorJobId + ".txt",
                        null,
                        Duration.between(looked.began(), looked.ends()).toMillis(),
                        Map.of("rows_truncated", false)));
    }

    @Override
    public Content fetch(JobSpec job, String vendorJobId)
            throws InterruptedException, RetryLaterException, NoFileException {
        fetches++;
        if (!contents.isEmpty()) {
            return contents.remove().of(job);
        }
        VendorJob fetched = jobs.get(vendorJobId);
        if (fetched == null) {
            throw new NoFileException("there is no such job");
        }
        return content("result of " + fetched.part());
    }

    static Content content(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Content("text/plain", OptionalLong.of(bytes.length), new ByteArrayInputStream(bytes));
    }

    /** A file that breaks off after a few bytes. */
    static Content breakingOff() {
        return new Content(
                "text/plain",
                OptionalLong.of(100),
                new SequenceInputStream(new ByteArrayInputStream(new byte[10]), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("connection reset");
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        return read();
                    }
                }));
    }

    /** The file is to name the part that was requested. */
    @Override
    public ContentCheck check(JobSpec job, String contentType) {
        StringBuilder seen = new StringBuilder();
        return new ContentCheck() {
            @Override
            public void pass(byte[] bytes, int length) {
                seen.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
            }

            @Override
            public Optional<JobProblem> verdict() {
                return seen.toString().equals("result of " + part(job))
                        ? Optional.empty()
                        : Optional.of(JobProblem.of(JobProblem.Kind.PERIOD_MISMATCH, "it is the " + seen));
            }
        };
    }

    @Override
    public void cancel(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException {
        if (!cancels.isEmpty()) {
            played(cancels, job);
        }
        cancelled.add(vendorJobId);
    }

    @Override
    public Optional<SlotAware> slotAware() {
        return Optional.of(this);
    }

    @Override
    public Capacity capacity(String account, String team) throws InterruptedException, RetryLaterException {
        asked++;
        if (!capacities.isEmpty()) {
            return played(
                    capacities,
                    new JobSpec(
                            new AccountId(NAME, account),
                            team,
                            "",
                            JsonNodeFactory.instance.objectNode(),
                            Duration.ZERO));
        }
        return new Capacity(slots, under(), Set.copyOf(live()));
    }

    private static <T> T played(Deque<Doing<T>> script, JobSpec job) throws InterruptedException, RetryLaterException {
        try {
            return script.remove().of(job);
        } catch (NoFileException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void submissionCounted(String account) {
        // Nobody else calls this vendor.
    }

    @Override
    public void slotsChanged(String account, @Nullable Integer known, int taken, int others, boolean learned) {
        slotsInUse = taken;
    }

    @Override
    public Optional<String> teamToCharge(String account) {
        return Optional.empty();
    }
}
