package io.sluice.saas.clari;

import io.sluice.FailureLog;
import io.sluice.budget.Priority;
import io.sluice.budget.Ticker;
import io.sluice.call.Attempts;
import io.sluice.call.Call;
import io.sluice.call.QuotaErrors;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.VendorThrottledException;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.saas.Route;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The submission of exports that teams request on the mount: their jobs count against the slots, and a request that is
 * refused for lack of a slot goes back to the queue.
 */
@ApplicationScoped
public class MountSubmission implements Route.Step {
    private final FailureLog failures = new FailureLog(Logger.getLogger(MountSubmission.class));

    private final ClariSlots slots;
    private final AdminLimits limits;
    private final Ticker ticker;

    MountSubmission(ClariSlots slots, AdminLimits limits, Ticker ticker) {
        this.slots = slots;
        this.limits = limits;
        this.ticker = ticker;
    }

    /**
     * Sends a request that has its permit, and returns the response.
     *
     * @throws VendorThrottledException if it was refused since all slots are taken
     */
    @Override
    public Response send(Call call, Function<Call, Response> api) {
        // The slot is counted before the permit is granted to the next call.
        try (SlotLedger.MountSubmissionSlot submission =
                        slots.of(call.account().name()).beginMountSubmission();
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

    private Response forward(Call call, Response answer, SlotLedger.MountSubmissionSlot submission, boolean started) {
        QuotaErrors quotas = call.request().dialect().quotas();
        if (!started && !quotas.statuses().contains(answer.getStatus())) {
            return answer;
        }
        VendorResponse response = VendorResponse.of(answer);
        String beginning = response.beginning();
        if (started) {
            ClariJobs.id(beginning).ifPresent(submission::recordJobId);
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
        String poll = "poll of slots and quota of " + call.account().id();
        String team = call.request().teamShare().team();
        try {
            AdminLimits.LimitsReport report =
                    limits.ask(account, team, Priority.INTERACTIVE, call.maxWait(ticker.read()));
            failures.succeeded(poll);
            if (report.quotaLeft() < 1) {
                return false;
            }
            slots.of(account).recordNoFreeSlot(team, report);
            return true;
        } catch (RetryLaterException e) {
            failures.failed(poll, () -> String.valueOf(e.getMessage()));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
