package io.sluice.vendor.clari;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.budget.Priority;
import io.sluice.export.Exporter;
import io.sluice.export.ExportsConfig;
import io.sluice.export.JobSpec;
import io.sluice.export.JobState;
import io.sluice.export.Trouble;
import io.sluice.vendor.ExportCalls;
import io.sluice.vendor.ExportCalls.Answer;
import io.sluice.vendor.ExportCalls.At;
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
 * Clari's forecast exports. What an organization may have under way, and how much of its quota is left, is asked for at
 * {@code /admin/limits}: the refusal of an order is the same for both (OpenAPI 5.0.0).
 */
@ApplicationScoped
public class ClariExports implements Exporter {
    private static final Logger LOG = Logger.getLogger(ClariExports.class);

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String JOBS = "/v4/export/jobs";
    private static final String SLOTS_OR_QUOTA = "export_monthly_quota_reached";

    /** Until {@code /admin/limits} says more. */
    private static final int SLOTS = 1;

    private static final Duration AFTER_ORDER = Duration.ofSeconds(1);
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
    public List<PartOrder> plan(ObjectNode order) {
        return ClariOrders.plan(order);
    }

    @Override
    public Terms terms(JsonNode order) {
        return ClariOrders.terms(order);
    }

    @Override
    public Submission submit(JobSpec job, BooleanSupplier ours) throws InterruptedException {
        At at = At.of(surface, job);
        slots.settled(job.account());
        if (reported.isUsedUp(job.account())) {
            Optional<Submission> usedUp = usedUp(at, job);
            if (usedUp.isPresent()) {
                return usedUp.get();
            }
        }
        // Quota and slots may be short for one another's reasons, which only another call can tell.
        List<Answer> refusals = new ArrayList<>();
        Submission submission = calls.submit(
                at,
                Clari.SUBMIT_EXPORT,
                "/v4/export/forecast/" + segment(job.order().path("forecast").asText()),
                job.order().path("body"),
                call -> {
                    call.whenLanding(() -> slots.ordered(job.account()));
                    return api.submitExport(call);
                },
                ours,
                ClariExports::jobId,
                answer -> {
                    refusals.add(answer);
                    return new Submission.Refused(ExportCalls.refusal(answer));
                });
        if (refusals.stream()
                .anyMatch(answer ->
                        SLOTS_OR_QUOTA.equals(answer.body().path("code").asText()))) {
            return slotsOrQuota(at, job);
        }
        // What was left when it went to the queue may have gone to others, and its Retry-After may be weeks away.
        return submission instanceof Submission.NotNow(Duration _, String detail) && reported.isUsedUp(job.account())
                ? usedUp(at, job).orElseGet(() -> new Submission.NotNow(exportsConfig.firstPoll(), detail))
                : submission;
    }

    /** Asks Clari whether the quota is as used up as it seems, since a unit of others may have returned; empty if not. */
    private Optional<Submission> usedUp(At at, JobSpec job) throws InterruptedException {
        try {
            ask(job.account(), job.team());
        } catch (NotNowException e) {
            return Optional.of(new Submission.NotNow(e.retryAfter(), "the quota is used up: " + e.getMessage()));
        }
        return reported.isUsedUp(job.account())
                ? Optional.of(new Submission.Refused(quotaExhausted(at, job)))
                : Optional.empty();
    }

    private Submission slotsOrQuota(At at, JobSpec job) throws InterruptedException {
        try {
            OrganizationLimits.Said said = ask(job.account(), job.team());
            if (said.quotaLeft() < 1) {
                return new Submission.Refused(quotaExhausted(at, job));
            }
            slots.full(job.account(), job.team(), said);
            return new Submission.SlotsTaken("all slots for exports are taken");
        } catch (NotNowException e) {
            return new Submission.NotNow(e.retryAfter(), "slots or quota are used up: " + e.getMessage());
        }
    }

    private OrganizationLimits.Said ask(String account, String team) throws InterruptedException, NotNowException {
        return limits.ask(account, team, Priority.BULK, exportsConfig.patience());
    }

    /** The quota counts the exports of the last 30 days, so it returns as the oldest of them grows older. */
    private Trouble quotaExhausted(At at, JobSpec job) throws InterruptedException {
        String detail = "the quota of exports of " + job.account() + " is used up";
        try {
            Instant now = clock.instant();
            return jobs(calls.ask(at, "GET", JOBS, Optional.empty()).body()).stream()
                    .filter(listed -> !listed.path("status").asText().equals("CANCELLED"))
                    .map(listed -> Instant.ofEpochMilli(listed.path("startTime").asLong())
                            .plus(OrganizationLimits.QUOTA_WINDOW))
                    .filter(now::isBefore)
                    .min(Comparator.naturalOrder())
                    .map(returns -> new Trouble(
                            Trouble.Kind.QUOTA_EXHAUSTED, detail + "; the next unit returns at " + returns, returns))
                    .orElseGet(() -> Trouble.of(Trouble.Kind.QUOTA_EXHAUSTED, detail));
        } catch (NotNowException e) {
            return Trouble.of(Trouble.Kind.QUOTA_EXHAUSTED, detail);
        }
    }

    private static Optional<String> jobId(JsonNode answer) {
        JsonNode job = unwrapped(answer);
        return Optional.of(job.path("jobId").asText(job.path("id").asText(""))).filter(id -> !id.isEmpty());
    }

    /** The id in the answer to an order, if it names one. */
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

    /** A listed job names no period: only its age, its kind and its form tell whether it may be the one. */
    @Override
    public List<String> candidates(JobSpec job, Instant ordered) throws InterruptedException, NotNowException {
        if (slots.ordering(job.account())) {
            throw new NotNowException(
                    AFTER_ORDER, "an order on the mount is on its way, whose job is not to be taken for it");
        }
        Answer listed = calls.ask(At.of(surface, job), "GET", JOBS, Optional.empty());
        if (!listed.ok()) {
            throw new NotNowException(AFTER_UNKNOWN_REFUSAL, "the jobs are not listed: " + listed.words());
        }
        long since = listed.atVendor(ordered).toEpochMilli();
        JsonNode body = job.order().path("body");
        Map<Long, String> byAge = new TreeMap<>();
        for (JsonNode candidate : jobs(listed.body())) {
            long started = candidate.path("startTime").asLong();
            if (started >= since
                    && agrees(candidate, "module", "FORECAST")
                    && agrees(candidate, "fileType", body.path("exportFormat").asText())
                    && agrees(candidate, "currency", body.path("currency").asText(""))) {
                jobId(candidate).ifPresent(id -> byAge.merge(started, id, (one, other) -> one + "\n" + other));
            }
        }
        return byAge.values().stream()
                .flatMap(String::lines)
                .filter(id -> !slots.onMount(job.account(), id))
                .toList();
    }

    private static boolean agrees(JsonNode candidate, String field, String expected) {
        String value = candidate.path(field).asText("");
        return value.isEmpty() || value.equals("null") || expected.isEmpty() || value.equals(expected);
    }

    @Override
    public Report look(JobSpec job, String vendorJobId) throws InterruptedException, NotNowException {
        Answer answer = calls.ask(At.of(surface, job), "GET", JOBS + "/" + segment(vendorJobId), Optional.empty());
        if (!answer.ok()) {
            return new Report.Failed(
                    Trouble.of(Trouble.Kind.EXPORT_FAILED, "Clari does not know the job any more: " + answer.words()));
        }
        JsonNode state = unwrapped(answer.body());
        String status = state.path("status").asText();
        if (config.doneStates().contains(status)) {
            return new Report.Ended(ended(state));
        }
        if (FAILED.contains(status)) {
            String message = state.path("message").asText("");
            return new Report.Failed(Trouble.of(
                    Trouble.Kind.EXPORT_FAILED, "Clari says " + status + (message.isEmpty() ? "" : ": " + message)));
        }
        // Whatever else there may be is not the end.
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
            throws InterruptedException, NotNowException, NoFileException {
        return calls.open(At.of(surface, job), JOBS + "/" + segment(vendorJobId) + "/results");
    }

    @Override
    public ContentCheck check(JobSpec job, String contentType) {
        return PeriodCheck.of(job.order().path("body").path("timePeriod").asText(), contentType);
    }

    @Override
    public void cancel(JobSpec job, String vendorJobId) throws InterruptedException, NotNowException {
        ObjectNode cancel = JsonNodeFactory.instance.objectNode().put("type", "CANCEL");
        Answer answer = calls.ask(At.of(surface, job), "PATCH", JOBS + "/" + segment(vendorJobId), Optional.of(cancel));
        if (!answer.ok()) {
            LOG.infof("job %s of %s is not cancelled: %s", vendorJobId, job.account(), answer.words());
        }
    }

    @Override
    public Optional<Capacity> capacity(String account, String team) throws InterruptedException, NotNowException {
        slots.asking(account);
        OrganizationLimits.Said said = ask(account, team);
        slots.heard(account, said);
        return Optional.of(new Capacity(Math.min(said.slots(), reported.slots(account)), said.taken(), said.jobs()));
    }

    @Override
    public void occupied(String account, OptionalInt jobs, int taken, int others, boolean learned) {
        slots.known(account, jobs, taken, others, learned);
    }

    @Override
    public void settled(String account) {
        slots.settled(account);
    }

    @Override
    public Optional<String> watched(String account) {
        return slots.watched(account).or(() -> reported.watched(account));
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
