package io.sluice.vendor.clari;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.budget.Budget.Inquiry;
import io.sluice.budget.Priority;
import io.sluice.export.Exporter.RetryLaterException;
import io.sluice.vendor.ExportCalls;
import io.sluice.vendor.ExportCalls.JobContext;
import io.sluice.vendor.ExportCalls.JsonResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A client of {@code /admin/limits} (OpenAPI 5.0.0) that polls slots and quota, and reports the quota to the budget.
 */
@ApplicationScoped
public class AdminLimits implements OrganizationLimits {
    private static final String TARGET = "/v4/admin/limits";
    private static final Duration AFTER_NO_NUMBERS = Duration.ofSeconds(10);

    private final Clari clari;
    private final ExportCalls calls;
    private final ReportedLimits reported;

    AdminLimits(Clari clari, ExportCalls calls, ReportedLimits reported) {
        this.clari = clari;
        this.calls = calls;
        this.reported = reported;
    }

    @Override
    public LimitsReport ask(String account, String team, Priority priority, Duration maxWait)
            throws InterruptedException, RetryLaterException {
        JobContext context = new JobContext(clari.surfaces().getFirst(), account, team);
        Inquiry inquiry = reported.inquire(account, team);
        JsonResponse answer = calls.read(context, TARGET, priority, maxWait);
        LimitsReport report = answer.ok() ? report(answer.body()).orElse(null) : null;
        if (report == null) {
            throw new RetryLaterException(AFTER_NO_NUMBERS, "no limits: " + answer.summary());
        }
        reported.report(account, inquiry, report);
        return report;
    }

    /** Returns the limits in a response; empty if it has not the numbers. */
    static Optional<LimitsReport> report(JsonNode body) {
        JsonNode jobs = body.path("jobs");
        int slots = jobs.path("concurrentLimit").asInt();
        JsonNode free = jobs.path("availableConcurrentLimit");
        JsonNode quotaLeft = jobs.path("availableMonthlyQuota");
        if (slots < 1 || !free.isNumber() || !quotaLeft.isNumber()) {
            return Optional.empty();
        }
        Set<String> ids = new HashSet<>();
        jobs.path("runningJobIds").forEach(id -> ids.add(id.asText()));
        jobs.path("submittedJobIds").forEach(id -> ids.add(id.asText()));
        return Optional.of(new LimitsReport(
                slots, slots - free.asInt(), ids, jobs.path("monthlyQuota").asInt(), quotaLeft.asInt()));
    }
}
