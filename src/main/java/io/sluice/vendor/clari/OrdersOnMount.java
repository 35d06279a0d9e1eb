package io.sluice.vendor.clari;

import io.sluice.FailureLog;
import io.sluice.budget.Priority;
import io.sluice.budget.Ticker;
import io.sluice.call.Call;
import io.sluice.call.QuotaErrors;
import io.sluice.call.VendorAnswer;
import io.sluice.export.Exporter.NotNowException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Sends the exports that teams order on the mount. Their jobs count against the slots, and an order that finds them taken
 * all the same goes back to the queue.
 */
@ApplicationScoped
public class OrdersOnMount implements MountOrders {
    private final FailureLog failures = new FailureLog(Logger.getLogger(OrdersOnMount.class));

    private final ClariSlots slots;
    private final OrganizationLimits limits;
    private final Ticker ticker;

    OrdersOnMount(ClariSlots slots, OrganizationLimits limits, Ticker ticker) {
        this.slots = slots;
        this.limits = limits;
        this.ticker = ticker;
    }

    @Override
    public Response placed(Call call, Function<Call, Response> api) {
        try (ClariSlots.Order order = slots.order(call.account().name())) {
            // Before its permit is the next one's.
            call.whenLanding(order::land);
            boolean started = false;
            try {
                Response answer = api.apply(call);
                started = answer.getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL;
                return passedOn(call, answer, order, started);
            } finally {
                if (started || call.outcomeUnknown()) {
                    order.start(call.flow().team());
                }
            }
        }
    }

    private Response passedOn(Call call, Response answer, ClariSlots.Order order, boolean started) {
        QuotaErrors quotas = call.dialect().quotas();
        if (!started && !quotas.statuses().contains(answer.getStatus())) {
            return answer;
        }
        VendorAnswer said = VendorAnswer.of(answer);
        String beginning = said.beginning();
        if (started) {
            ClariExports.jobId(beginning).ifPresent(order::remember);
        } else if (quotas.match(said.status(), beginning) && full(call)) {
            Response refusal = Response.fromResponse(answer).entity(beginning).build();
            answer.close();
            throw call.throttled(refusal);
        }
        return Response.fromResponse(answer).entity(said.body()).build();
    }

    /** Whether an order was refused for its slot, rather than for the quota: Clari says the same for both. */
    private boolean full(Call call) {
        String account = call.account().name();
        String team = call.flow().team();
        try {
            OrganizationLimits.Said said =
                    limits.ask(account, team, Priority.INTERACTIVE, call.patience(ticker.read()));
            failures.succeeded("poll of slots and quota of clari/" + account);
            if (said.quotaLeft() < 1) {
                return false;
            }
            slots.full(account, team, said);
            return true;
        } catch (NotNowException e) {
            failures.failed("poll of slots and quota of clari/" + account, () -> String.valueOf(e.getMessage()));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
