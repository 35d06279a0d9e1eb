package io.sluice.saas.clari;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.budget.Priority;
import io.sluice.call.Attempts;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.SlotAware;
import io.sluice.reconcile.Candidates;
import io.sluice.saas.ExportCalls;
import io.sluice.saas.ExportCalls.JobContext;
import io.sluice.saas.ExportCalls.JsonResponse;
import io.sluice.saas.Surface;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * Clari's forecast exports. Slots and quota of an organization are polled at {@code /admin/limits}: the refusal of a
 * request is the same for both (OpenAPI 5.0.0).
 */
@ApplicationScoped
public class ClariExports implements Exporter {
    private static final Logger LOG = Logger.getLogger(ClariExports.class);

    private static final String JOBS = "/v4/export/jobs";
    private static final String SLOTS_OR_QUOTA = "export_monthly_quota_reached";

    /** The slots of an organization until {@code /admin/limits} reports more. */
    private static final int SLOTS = 1;

    private static final Duration AFTER_SUBMISSION = Duration.ofSeconds(1);
    private static final Duration AFTER_UNKNOWN_REFUSAL = Duration.ofSeconds(10);

    private final Surface surface;
    private final ClariApi api;
    private final ClariConfig config;
    private final ExportCalls calls;
    private final AdminLimits limits;
    private final ExportsConfig exportsConfig;
    private final ClariSlots slots;
    private final ReportedLimits reported;
    private final InstantSource clock;

    ClariExports(
            @RestClient ClariApi api,
            ClariConfig config,
            ExportCalls calls,
            AdminLimits limits,
            ExportsConfig exportsConfig,
            ClariSlots slots,
            ReportedLimits reported,
            InstantSource clock) {
        this.surface = ClariSurface.of(config, api);
        this.api = api;
        this.config = config;
        this.calls = calls;
        this.limits = limits;
        this.exportsConfig = exportsConfig;
        this.slots = slots;
        this.reported = reported;
        this.clock = clock;
    }

    @Override
    public String vendor() {
        return surface.vendor();
    }

    @Override
    public Set<String> accounts() {
        return surface.accounts().keySet();
    }

    @Override
    public String operation() {
        return ClariSurface.SUBMIT_EXPORT.name();
    }

    @Override
    public int slots() {
        return SLOTS;
    }

    @Override
    public List<PartRequest> split(ObjectNode parameters) {
        return ClariExportValidator.split(parameters);
    }

    @Override
    public Terms terms(JsonNode parameters) {
        return ClariExportValidator.terms(parameters);
    }

    @Override
    public Submission submit(JobSpec job, BooleanSupplier leaseValid) throws InterruptedException {
        JobContext context = JobContext.of(surface, job);
        slots.of(job.account().account()).submissionCounted();
        if (reported.isUsedUp(job.account().account())) {
            Optional<Submission> usedUp = usedUp(context, job);
            if (usedUp.isPresent()) {
                return usedUp.get();
            }
        }
        // Quota and slots may be short for one another's reasons, which only another call can tell.
        List<JsonResponse> refusals = new ArrayList<>();
        Submission submission = calls.submit(
                context,
                ClariSurface.SUBMIT_EXPORT,
                "/v4/export/forecast/"
                        + segment(job.parameters().path("forecast").asText()),
                job.parameters().path("body"),
                call -> {
                    try (Attempts.SettlementHook _ = call.attempts()
                            .beforeSettling(slots.of(job.account().account())::ownSubmissionAnswered)) {
                        return api.submitExport(call);
                    }
                },
                leaseValid,
                ClariJobs::id,
                answer -> {
                    refusals.add(answer);
                    return new Submission.Refused(ExportCalls.refusal(answer));
                });
        if (refusals.stream()
                .anyMatch(answer ->
                        SLOTS_OR_QUOTA.equals(answer.body().path("code").asText()))) {
            return slotsOrQuota(context, job);
        }
        // The quota left when the request was queued may have been used by others, and its Retry-After may be weeks
        // away.
        return submission instanceof Submission.RetryLater(Duration _, String detail)
                        && reported.isUsedUp(job.account().account())
                ? usedUp(context, job).orElseGet(() -> new Submission.RetryLater(exportsConfig.firstPoll(), detail))
                : submission;
    }

    /** Asks Clari if the quota is still used up, since a unit of others may have returned; empty if it is not. */
    private Optional<Submission> usedUp(JobContext context, JobSpec job) throws InterruptedException {
        try {
            ask(job.account().account(), job.team());
        } catch (RetryLaterException e) {
            return Optional.of(new Submission.RetryLater(e.retryAfter(), "the quota is used up: " + e.getMessage()));
        }
        return reported.isUsedUp(job.account().account())
                ? Optional.of(new Submission.Refused(quotaExhausted(context, job)))
                : Optional.empty();
    }

    private Submission slotsOrQuota(JobContext context, JobSpec job) throws InterruptedException {
        try {
            AdminLimits.LimitsReport report = ask(job.account().account(), job.team());
            if (report.quotaLeft() < 1) {
                return new Submission.Refused(quotaExhausted(context, job));
            }
            slots.of(job.account().account()).recordNoFreeSlot(job.team(), report);
            return new Submission.SlotsTaken("all slots for exports are taken");
        } catch (RetryLaterException e) {
            return new Submission.RetryLater(e.retryAfter(), "slots or quota are used up: " + e.getMessage());
        }
    }

    private AdminLimits.LimitsReport ask(String account, String team) throws InterruptedException, RetryLaterException {
        return limits.ask(account, team, Priority.BULK, exportsConfig.permitTimeout());
    }

    /** The quota counts the exports of the last 30 days, so it returns as the oldest of them grows older. */
    private JobProblem quotaExhausted(JobContext context, JobSpec job) throws InterruptedException {
        String detail = "the quota of exports of " + job.account().account() + " is used up";
        try {
            Instant now = clock.instant();
            return ClariJobs.list(calls.read(context, JOBS).body()).stream()
                    .filter(listed -> !listed.path("status").asText().equals("CANCELLED"))
                    .map(listed -> Instant.ofEpochMilli(listed.path("startTime").asLong())
                            .plus(AdminLimits.QUOTA_WINDOW))
                    .filter(now::isBefore)
                    .min(Comparator.naturalOrder())
                    .map(returns -> new JobProblem(
                            JobProblem.Kind.QUOTA_EXHAUSTED, detail + "; the next unit returns at " + returns, returns))
                    .orElseGet(() -> JobProblem.of(JobProblem.Kind.QUOTA_EXHAUSTED, detail));
        } catch (RetryLaterException e) {
            return JobProblem.of(JobProblem.Kind.QUOTA_EXHAUSTED, detail);
        }
    }

    /** A listed job has no period: only its age, its kind and its form show if it may be the one. */
    @Override
    public Candidates<String> findSubmitted(JobSpec job, Instant submittedAt)
            throws InterruptedException, RetryLaterException {
        SlotLedger ledger = slots.of(job.account().account());
        if (ledger.hasMountSubmission()) {
            throw new RetryLaterException(
                    AFTER_SUBMISSION,
                    "a submission on the mount is under way, and its job could be mistaken for this one");
        }
        JsonResponse listed = calls.read(JobContext.of(surface, job), JOBS);
        if (!listed.ok()) {
            throw new RetryLaterException(AFTER_UNKNOWN_REFUSAL, "the jobs cannot be listed: " + listed.summary());
        }
        JsonNode requested = job.parameters().path("body");
        List<JsonNode> jobs = ClariJobs.list(listed.body()).stream()
                .filter(listedJob -> ClariJobs.mayBeFor(listedJob, requested))
                .filter(listedJob -> ClariJobs.id(listedJob)
                        .filter(id -> !ledger.isMountJob(id))
                        .isPresent())
                .toList();
        return Candidates.createdSince(
                        listed.atVendor(submittedAt).toEpochMilli(),
                        jobs,
                        listedJob -> listedJob.path("startTime").asLong())
                .map(listedJob -> ClariJobs.id(listedJob).orElseThrow());
    }

    @Override
    public Report poll(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException {
        JsonResponse answer = calls.read(JobContext.of(surface, job), JOBS + "/" + segment(vendorJobId));
        if (!answer.ok()) {
            return new Report.Failed(JobProblem.of(
                    JobProblem.Kind.EXPORT_FAILED, "Clari has no such job any more: " + answer.summary()));
        }
        JsonNode state = ClariJobs.unwrapped(answer.body());
        String status = state.path("status").asText();
        if (config.doneStates().contains(status)) {
            return new Report.Ended(ClariJobs.ended(state));
        }
        if (ClariJobs.FAILED.contains(status)) {
            String message = state.path("message").asText("");
            return new Report.Failed(JobProblem.of(
                    JobProblem.Kind.EXPORT_FAILED, "Clari says " + status + (message.isEmpty() ? "" : ": " + message)));
        }
        // Any other state is not final.
        return new Report.Running();
    }

    @Override
    public Content fetch(JobSpec job, String vendorJobId)
            throws InterruptedException, RetryLaterException, NoFileException {
        return calls.open(JobContext.of(surface, job), JOBS + "/" + segment(vendorJobId) + "/results");
    }

    @Override
    public ContentCheck check(JobSpec job, String contentType) {
        return PeriodCheck.of(job.parameters().path("body").path("timePeriod").asText(), contentType);
    }

    @Override
    public void cancel(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException {
        ObjectNode cancel = JsonNodeFactory.instance.objectNode().put("type", "CANCEL");
        JsonResponse answer =
                calls.write(JobContext.of(surface, job), "PATCH", JOBS + "/" + segment(vendorJobId), cancel);
        if (!answer.ok()) {
            LOG.infof(
                    "vendor did not cancel export job: job=%s account=%s: %s",
                    vendorJobId, job.account().account(), answer.summary());
        }
    }

    @Override
    public Optional<SlotAware> slotAware() {
        return Optional.of(slots);
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
