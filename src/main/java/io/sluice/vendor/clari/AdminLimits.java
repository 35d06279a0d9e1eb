package io.sluice.vendor.clari;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.budget.Budget;
import io.sluice.budget.Limit;
import io.sluice.budget.Priority;
import io.sluice.export.Exporter.NotNowException;
import io.sluice.vendor.ExportCalls;
import io.sluice.vendor.ExportCalls.Answer;
import io.sluice.vendor.ExportCalls.At;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** Asks {@code /admin/limits} (OpenAPI 5.0.0), and tells the budget what it hears. */
@ApplicationScoped
public class AdminLimits implements OrganizationLimits {
    private static final String TARGET = "/v4/admin/limits";
    private static final Duration AFTER_NO_NUMBERS = Duration.ofSeconds(10);

    private final Clari clari;
    private final ExportCalls calls;
    private final Budget budget;

    AdminLimits(Clari clari, ExportCalls calls, Budget budget) {
        this.clari = clari;
        this.calls = calls;
        this.budget = budget;
    }

    @Override
    public Said ask(String account, String team, Priority priority, Duration patience)
            throws InterruptedException, NotNowException {
        At at = new At(clari.surfaces().getFirst(), account, team);
        Answer answer = calls.read(at, TARGET, priority, patience);
        JsonNode jobs = answer.body().path("jobs");
        JsonNode quotaLeft = jobs.path("availableMonthlyQuota");
        int slots = jobs.path("concurrentLimit").asInt();
        if (!answer.ok() || slots < 1 || !quotaLeft.isNumber()) {
            throw new NotNowException(AFTER_NO_NUMBERS, "no limits: " + answer.words());
        }
        follow(account, slots, jobs.path("monthlyQuota").asInt());
        return new Said(slots, slots - jobs.path("availableConcurrentLimit").asInt(slots), quotaLeft.asLong() > 0);
    }

    /** Has the budget hold calls of the mount to the same numbers. */
    private void follow(String account, int slots, int quota) {
        String name = clari.name() + "/" + account;
        budget.change(name, new Limit.InFlight(ClariLimits.EXPORT_JOBS, slots));
        if (quota >= 1) {
            budget.change(name, Limit.Rate.of(ClariLimits.EXPORT_QUOTA, quota, QUOTA_WINDOW));
        }
    }
}
