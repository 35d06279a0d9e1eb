package io.sluice.vendor.clari;

import io.sluice.budget.Budget;
import io.sluice.budget.Timer;
import io.sluice.call.Call;
import io.sluice.export.ExportsConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How many of an organization's slots for exports are taken, so that the budget holds further orders back: by jobs that
 * Sluice drives or Clari reports, and by those that teams have just started on the mount, of which nobody hears until
 * Clari is asked again. Thread-safe.
 */
@ApplicationScoped
public class ClariSlots implements MountOrders {
    private final Budget budget;
    private final Timer timer;
    private final ExportsConfig config;
    private final Map<String, Taken> accounts = new HashMap<>(); // guarded by this

    ClariSlots(Budget budget, Timer timer, ExportsConfig config) {
        this.budget = budget;
        this.timer = timer;
        this.config = config;
    }

    private static final class Taken {
        private int known;
        private int started;
        /** Orders on the mount that are on their way. */
        private int ordering;
        /** Whether an order of Sluice's own is on its way, or its job not among those known. */
        private int own;

        /** How often Clari was asked. */
        private int asked;

        private @Nullable String team;
    }

    @Override
    public Response placed(Call call, Function<Call, Response> api) {
        String account = call.account().name();
        // Before it is sent: once there is an answer, its permit is the next one's already.
        ordering(account, 1);
        boolean started = false;
        try {
            Response answer = api.apply(call);
            started = answer.getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL;
            return answer;
        } finally {
            if (started || call.outcomeUnknown()) {
                started(account, call.flow().team());
            }
            ordering(account, -1);
        }
    }

    /** Sends an order of Sluice's own, whose job counts from now on until it is settled. */
    Response ordered(Call call, Function<Call, Response> api) {
        own(call.account().name(), 1);
        return api.apply(call);
    }

    /** Says that the job of Sluice's own order, if there is one, is among those that are known. */
    void settled(String account) {
        own(account, 0);
    }

    private synchronized void own(String account, int jobs) {
        of(account).own = jobs;
        occupy(account);
    }

    private synchronized void ordering(String account, int more) {
        of(account).ordering += more;
        occupy(account);
    }

    private synchronized void started(String account, String team) {
        Taken taken = of(account);
        taken.started++;
        taken.team = team;
        occupy(account);
        int asked = taken.asked;
        // Where nobody asks Clari, it must not count for good.
        timer.schedule(() -> ended(account, asked), config.refresh());
    }

    private synchronized void ended(String account, int asked) {
        Taken taken = of(account);
        if (taken.asked == asked && taken.started > 0) {
            taken.started--;
            occupy(account);
        }
    }

    /** Says that Clari is being asked: what it answers holds whatever was started until now. */
    synchronized void asked(String account) {
        Taken taken = of(account);
        taken.asked++;
        taken.started = 0;
    }

    /** Says how many are taken by jobs that are known. */
    synchronized void known(String account, int jobs) {
        of(account).known = jobs;
        occupy(account);
    }

    /** The team that has started a job on the mount since Clari was asked, or whose job still runs. */
    synchronized Optional<String> watched(String account) {
        Taken taken = of(account);
        return taken.started + taken.known > 0 ? Optional.ofNullable(taken.team) : Optional.empty();
    }

    private Taken of(String account) {
        return accounts.computeIfAbsent(account, added -> new Taken());
    }

    private void occupy(String account) {
        Taken taken = of(account);
        budget.occupy(
                "clari/" + account, ClariLimits.EXPORT_JOBS, taken.known + taken.started + taken.ordering + taken.own);
    }
}
