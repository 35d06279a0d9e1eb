package io.sluice.saas.clari;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.budget.Budget.Inquiry;
import io.sluice.budget.Priority;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.saas.ExportCalls;
import io.sluice.saas.ExportCalls.JobContext;
import io.sluice.saas.ExportCalls.JsonResponse;
import io.sluice.saas.Surface;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/**
 * A client of {@code /admin/limits} (OpenAPI 5.0.0) that polls slots and quota, and reports the quota to the budget.
 */
@ApplicationScoped
public class AdminLimits {
    /** The window of the quota, in whole days. */
    static final Duration QUOTA_WINDOW = Duration.ofDays(30);

    private static final String TARGET = "/v4/admin/limits";
    private static final Duration AFTER_NO_NUMBERS = Duration.ofSeconds(10);

    private final Surface surface;
    private final ExportCalls calls;
    private final ReportedLimits reported;

    AdminLimits(ClariConfig config, @RestClient ClariApi api, ExportCalls calls, ReportedLimits reported) {
        this.surface = ClariSurface.of(config, api);
        this.calls = calls;
        this.reported = reported;
    }

    /**
     * Clari's report of an organization's limits.
     *
     * @param slots how many exports there may be at once
     * @param taken how many there are, started by us or by others
     * @param jobs the ids of the running exports
     * @param quota how many exports there may be in {@link #QUOTA_WINDOW}
     * @param quotaLeft how many of them are left
     */
    record LimitsReport(int slots, int taken, Set<String> jobs, int quota, int quotaLeft) {}

    /**
     * Polls Clari. Waits for a permit, as long as {@code maxWait}, and for the response.
     *
     * @throws RetryLaterException if there is no response, or none with the numbers
     */
    LimitsReport ask(String account, String team, Priority priority, Duration maxWait)
            throws InterruptedException, RetryLaterException {
        JobContext context = new JobContext(surface, account, team);
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
