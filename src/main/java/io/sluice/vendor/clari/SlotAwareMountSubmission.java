package io.sluice.vendor.clari;

import io.sluice.FailureLog;
import io.sluice.budget.Priority;
import io.sluice.budget.Ticker;
import io.sluice.call.Attempts;
import io.sluice.call.Call;
import io.sluice.call.QuotaErrors;
import io.sluice.call.VendorResponse;
import io.sluice.export.Exporter.RetryLaterException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The submission of exports on the mount with awareness of slots: their jobs count against the slots, and a request
 * that is refused for lack of a slot goes back to the queue.
 */
@ApplicationScoped
public class SlotAwareMountSubmission implements MountSubmission {
    private final FailureLog failures = new FailureLog(Logger.getLogger(SlotAwareMountSubmission.class));

    private final ClariSlots slots;
    private final OrganizationLimits limits;
    private final Ticker ticker;

    SlotAwareMountSubmission(ClariSlots slots, OrganizationLimits limits, Ticker ticker) {
        this.slots = slots;
        this.limits = limits;
        this.ticker = ticker;
    }

    @Override
    public Response submit(Call call, Function<Call, Response> api) {
        // The slot is counted before the permit is granted to the next call.
        try (ClariSlots.MountSubmissionSlot submission =
                        slots.beginMountSubmission(call.account().name());
                Attempts.SettlementHook _ = call.attempts().beforeSettling(submission::answered)) {
            boolean started = false;
            try {
                Response answer = api.apply(call);
                started = answer.getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL;
                return forward(call, answer, submission, started);
            } finally {
                if (started || call.attempts().outcomeUnknown()) {
                    submission.jobStarted(call.request().teamShare().team());
                }
            }
        }
    }

    private Response forward(Call call, Response answer, ClariSlots.MountSubmissionSlot submission, boolean started) {
        QuotaErrors quotas = call.request().dialect().quotas();
        if (!started && !quotas.statuses().contains(answer.getStatus())) {
            return answer;
        }
        VendorResponse response = VendorResponse.of(answer);
        String beginning = response.beginning();
        if (started) {
            ClariExports.jobId(beginning).ifPresent(submission::recordJobId);
        } else if (quotas.match(response.status(), beginning) && isSlotRefusal(call)) {
            Response refusal = Response.fromResponse(answer).entity(beginning).build();
            answer.close();
            throw call.attempts().throttled(refusal);
        }
        return Response.fromResponse(answer).entity(response.body()).build();
    }

    /**
     * True if a request was refused because no slot is free, rather than for the quota: Clari's error is the same for
     * both.
     */
    private boolean isSlotRefusal(Call call) {
        String account = call.account().name();
        String team = call.request().teamShare().team();
        try {
            OrganizationLimits.LimitsReport report =
                    limits.ask(account, team, Priority.INTERACTIVE, call.maxWait(ticker.read()));
            failures.succeeded("poll of slots and quota of clari/" + account);
            if (report.quotaLeft() < 1) {
                return false;
            }
            slots.recordNoFreeSlot(account, team, report);
            return true;
        } catch (RetryLaterException e) {
            failures.failed("poll of slots and quota of clari/" + account, () -> String.valueOf(e.getMessage()));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
