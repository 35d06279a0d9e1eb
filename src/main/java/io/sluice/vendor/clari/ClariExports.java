package io.sluice.vendor.clari;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.budget.Priority;
import io.sluice.export.Exporter;
import io.sluice.export.ExportsConfig;
import io.sluice.export.JobProblem;
import io.sluice.export.JobSpec;
import io.sluice.export.JobState;
import io.sluice.reconcile.Candidates;
import io.sluice.vendor.ExportCalls;
import io.sluice.vendor.ExportCalls.JobContext;
import io.sluice.vendor.ExportCalls.JsonResponse;
import io.sluice.vendor.Surface;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * Clari's forecast exports. Slots and quota of an organization are polled at {@code /admin/limits}: the refusal of a
 * request is the same for both (OpenAPI 5.0.0).
 */
@ApplicationScoped
public class ClariExports implements Exporter {
    private static final Logger LOG = Logger.getLogger(ClariExports.class);

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String JOBS = "/v4/export/jobs";
    private static final String SLOTS_OR_QUOTA = "export_monthly_quota_reached";

    /** The slots of an organization until {@code /admin/limits} reports more. */
    private static final int SLOTS = 1;

    private static final Duration AFTER_SUBMISSION = Duration.ofSeconds(1);
    private static final Duration AFTER_UNKNOWN_REFUSAL = Duration.ofSeconds(10);
    private static final Set<String> FAILED = Set.of("FAILED", "ABORTED", "CANCELLED");

    private final Surface surface;
    private final ClariApi api;
    private final ClariConfig config;
    private final ExportCalls calls;
    private final OrganizationLimits limits;
    private final ExportsConfig exportsConfig;
    private final ClariSlots slots;
    private final ReportedLimits reported;
    private final InstantSource clock;

    ClariExports(
            Clari clari,
            @RestClient ClariApi api,
            ClariConfig config,
            ExportCalls calls,
            OrganizationLimits limits,
            ExportsConfig exportsConfig,
            ClariSlots slots,
            ReportedLimits reported,
            InstantSource clock) {
        this.surface = clari.surfaces().getFirst();
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
        return Clari.SUBMIT_EXPORT.name();
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
        slots.submissionCounted(job.account());
        if (reported.isUsedUp(job.account())) {
            Optional<Submission> usedUp = usedUp(context, job);
            if (usedUp.isPresent()) {
                return usedUp.get();
            }
        }
        // Quota and slots may be short for one another's reasons, which only another call can tell.
        List<JsonResponse> refusals = new ArrayList<>();
        Submission submission = calls.submit(
                context,
                Clari.SUBMIT_EXPORT,
                "/v4/export/forecast/"
                        + segment(job.parameters().path("forecast").asText()),
                job.parameters().path("body"),
                call -> {
                    call.beforeSettling(() -> slots.ownSubmissionAnswered(job.account()));
                    return api.submitExport(call);
                },
                leaseValid,
                ClariExports::jobId,
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
                        && reported.isUsedUp(job.account())
                ? usedUp(context, job).orElseGet(() -> new Submission.RetryLater(exportsConfig.firstPoll(), detail))
                : submission;
    }

    /** Asks Clari if the quota is still used up, since a unit of others may have returned; empty if it is not. */
    private Optional<Submission> usedUp(JobContext context, JobSpec job) throws InterruptedException {
        try {
            ask(job.account(), job.team());
        } catch (RetryLaterException e) {
            return Optional.of(new Submission.RetryLater(e.retryAfter(), "the quota is used up: " + e.getMessage()));
        }
        return reported.isUsedUp(job.account())
                ? Optional.of(new Submission.Refused(quotaExhausted(context, job)))
                : Optional.empty();
    }

    private Submission slotsOrQuota(JobContext context, JobSpec job) throws InterruptedException {
        try {
            OrganizationLimits.LimitsReport report = ask(job.account(), job.team());
            if (report.quotaLeft() < 1) {
                return new Submission.Refused(quotaExhausted(context, job));
            }
            slots.recordNoFreeSlot(job.account(), job.team(), report);
            return new Submission.SlotsTaken("all slots for exports are taken");
        } catch (RetryLaterException e) {
            return new Submission.RetryLater(e.retryAfter(), "slots or quota are used up: " + e.getMessage());
        }
    }

    private OrganizationLimits.LimitsReport ask(String account, String team)
            throws InterruptedException, RetryLaterException {
        return limits.ask(account, team, Priority.BULK, exportsConfig.permitTimeout());
    }

    /** The quota counts the exports of the last 30 days, so it returns as the oldest of them grows older. */
    private JobProblem quotaExhausted(JobContext context, JobSpec job) throws InterruptedException {
        String detail = "the quota of exports of " + job.account() + " is used up";
        try {
            Instant now = clock.instant();
            return jobs(calls.ask(context, "GET", JOBS, Optional.empty()).body()).stream()
                    .filter(listed -> !listed.path("status").asText().equals("CANCELLED"))
                    .map(listed -> Instant.ofEpochMilli(listed.path("startTime").asLong())
                            .plus(OrganizationLimits.QUOTA_WINDOW))
                    .filter(now::isBefore)
                    .min(Comparator.naturalOrder())
                    .map(returns -> new JobProblem(
                            JobProblem.Kind.QUOTA_EXHAUSTED, detail + "; the next unit returns at " + returns, returns))
                    .orElseGet(() -> JobProblem.of(JobProblem.Kind.QUOTA_EXHAUSTED, detail));
        } catch (RetryLaterException e) {
            return JobProblem.of(JobProblem.Kind.QUOTA_EXHAUSTED, detail);
        }
    }

    private static Optional<String> jobId(JsonNode answer) {
        JsonNode job = unwrapped(answer);
        return Optional.of(job.path("jobId").asText(job.path("id").asText(""))).filter(id -> !id.isEmpty());
    }

    /** The id in the response to a request, if there is one. */
    static Optional<String> jobId(String answer) {
        try {
            return jobId(JSON.readTree(answer));
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        }
    }

    /** Both forms are in use: {@code {"jobId": ...}}, and the same inside {@code {"job": ...}}. */
    private static JsonNode unwrapped(JsonNode answer) {
        return answer.path("job").isObject() ? answer.path("job") : answer;
    }

    private static List<JsonNode> jobs(JsonNode answer) {
        JsonNode list = answer.isArray() ? answer : answer.path("jobs");
        return StreamSupport.stream(list.spliterator(), false)
                .map(ClariExports::unwrapped)
                .toList();
    }

    /** A listed job has no period: only its age, its kind and its form show if it may be the one. */
    @Override
    public Candidates<String> findSubmitted(JobSpec job, Instant submittedAt)
            throws InterruptedException, RetryLaterException {
        if (slots.hasMountSubmission(job.account())) {
            throw new RetryLaterException(
                    AFTER_SUBMISSION,
                    "a submission on the mount is under way, and its job could be mistaken for this one");
        }
        JsonResponse listed = calls.ask(JobContext.of(surface, job), "GET", JOBS, Optional.empty());
        if (!listed.ok()) {
            throw new RetryLaterException(AFTER_UNKNOWN_REFUSAL, "the jobs cannot be listed: " + listed.summary());
        }
        JsonNode body = job.parameters().path("body");
        List<JsonNode> jobs = jobs(listed.body()).stream()
                .filter(listedJob -> agrees(listedJob, "module", "FORECAST")
                        && agrees(listedJob, "fileType", body.path("exportFormat").asText())
                        && agrees(listedJob, "currency", body.path("currency").asText("")))
                .filter(listedJob -> jobId(listedJob)
                        .filter(id -> !slots.isMountJob(job.account(), id))
                        .isPresent())
                .toList();
        return Candidates.createdSince(
                        listed.atVendor(submittedAt).toEpochMilli(),
                        jobs,
                        listedJob -> listedJob.path("startTime").asLong())
                .map(listedJob -> jobId(listedJob).orElseThrow());
    }

    private static boolean agrees(JsonNode candidate, String field, String expected) {
        String value = candidate.path(field).asText("");
        return value.isEmpty() || value.equals("null") || expected.isEmpty() || value.equals(expected);
    }

    @Override
    public Report poll(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException {
        JsonResponse answer =
                calls.ask(JobContext.of(surface, job), "GET", JOBS + "/" + segment(vendorJobId), Optional.empty());
        if (!answer.ok()) {
            return new Report.Failed(JobProblem.of(
                    JobProblem.Kind.EXPORT_FAILED, "Clari has no such job any more: " + answer.summary()));
        }
        JsonNode state = unwrapped(answer.body());
        String status = state.path("status").asText();
        if (config.doneStates().contains(status)) {
            return new Report.Ended(ended(state));
        }
        if (FAILED.contains(status)) {
            String message = state.path("message").asText("");
            return new Report.Failed(JobProblem.of(
                    JobProblem.Kind.EXPORT_FAILED, "Clari says " + status + (message.isEmpty() ? "" : ": " + message)));
        }
        // Any other state is not final.
        return new Report.Running();
    }

    private static JobState.Ended ended(JsonNode state) {
        Long took = state.path("endTime").isNumber() && state.path("startTime").isNumber()
                ? Long.valueOf(
                        state.path("endTime").asLong() - state.path("startTime").asLong())
                : null;
        Map<String, Boolean> flags = new TreeMap<>();
        flags.put("rows_truncated", state.path("rowsTruncated").asBoolean());
        flags.put("cells_truncated", state.path("cellsTruncated").asBoolean());
        return new JobState.Ended(
                state.path("fileName").isTextual() ? state.path("fileName").asText() : null,
                state.path("expiredTime").isNumber()
                        ? Instant.ofEpochMilli(state.path("expiredTime").asLong())
                        : null,
                took,
                flags);
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
                calls.ask(JobContext.of(surface, job), "PATCH", JOBS + "/" + segment(vendorJobId), Optional.of(cancel));
        if (!answer.ok()) {
            LOG.infof(
                    "vendor did not cancel export job: job=%s account=%s: %s",
                    vendorJobId, job.account(), answer.summary());
        }
    }

    @Override
    public Optional<Capacity> capacity(String account, String team) throws InterruptedException, RetryLaterException {
        slots.pollStarted(account);
        OrganizationLimits.LimitsReport report = ask(account, team);
        slots.recordReport(account, report);
        return Optional.of(
                new Capacity(Math.min(report.slots(), reported.slots(account)), report.taken(), report.jobs()));
    }

    @Override
    public void slotsChanged(String account, OptionalInt jobs, int taken, int others, boolean learned) {
        slots.updateStored(account, jobs, taken, others, learned);
    }

    @Override
    public void submissionCounted(String account) {
        slots.submissionCounted(account);
    }

    @Override
    public Optional<String> teamToCharge(String account) {
        return slots.teamToCharge(account).or(() -> reported.teamToCharge(account));
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
