package io.sluice.vendor.clari;

import io.sluice.budget.Budget;
import io.sluice.budget.Priority;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.call.Call;
import io.sluice.call.VendorAnswer;
import io.sluice.export.Exporter.NotNowException;
import io.sluice.export.ExportsConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * How many of an organization's slots for exports are taken, so that the budget holds further orders back: by jobs that
 * Sluice drives or Clari reports, and by those that teams have just started on the mount, of which nobody hears until
 * Clari is asked again. An order on the mount that finds them taken all the same waits for one. Thread-safe.
 */
@ApplicationScoped
public class ClariSlots implements MountOrders {
    /** More than an organization may start in the time in which one of its jobs is looked for. */
    private static final int MOST_REMEMBERED = 1_000;

    private static final Logger LOG = Logger.getLogger(ClariSlots.class);

    private final Budget budget;
    private final OrganizationLimits limits;
    private final Timer timer;
    private final Ticker ticker;
    private final ExportsConfig config;
    private final Map<String, Taken> accounts = new HashMap<>(); // guarded by this

    ClariSlots(Budget budget, OrganizationLimits limits, Timer timer, Ticker ticker, ExportsConfig config) {
        this.budget = budget;
        this.limits = limits;
        this.timer = timer;
        this.ticker = ticker;
        this.config = config;
    }

    private static final class Taken {
        private int known;
        /** Jobs of which Clari has not told yet: those that were started on the mount, and whoever's are in their way. */
        private final Set<Object> unheard = new HashSet<>();
        /** Those among them that the answer will hold for which Clari is being asked. */
        private Set<Object> told = Set.of();
        /** Orders on the mount that are on their way. */
        private int ordering;
        /** Whether an order of Sluice's own is on its way, or its job not among those known. */
        private int own;

        /** The ids of jobs that were started on the mount, the oldest first. */
        private final Set<String> onMount = new LinkedHashSet<>();

        private @Nullable String team;

        private int jobs() {
            return known + unheard.size();
        }
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
            VendorAnswer said = VendorAnswer.of(answer);
            String beginning = said.beginning();
            Response whole = Response.fromResponse(answer).entity(said.body()).build();
            if (started) {
                ClariExports.jobId(beginning).ifPresent(id -> remember(account, id));
            } else if (call.dialect().quotas().match(answer.getStatus(), beginning) && full(call)) {
                // The answer is the same when it is the quota that is used up.
                throw call.throttled(whole);
            }
            return whole;
        } finally {
            if (started || call.outcomeUnknown()) {
                started(account, call.flow().team());
            }
            ordering(account, -1);
        }
    }

    private boolean full(Call call) {
        String account = call.account().name();
        String team = call.flow().team();
        try {
            OrganizationLimits.Said said =
                    limits.ask(account, team, Priority.INTERACTIVE, call.patience(ticker.read()));
            if (!said.quotaLeft()) {
                return false;
            }
            refused(account, team, said.taken());
            return true;
        } catch (NotNowException e) {
            LOG.infof("%s: nobody knows whether slots or quota are used up: %s", call.id(), e.getMessage());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
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

    private synchronized void remember(String account, String job) {
        Set<String> known = of(account).onMount;
        known.add(job);
        if (known.size() > MOST_REMEMBERED) {
            known.remove(known.iterator().next());
        }
    }

    /** Whether a team has started the job on the mount, as far as this process remembers: so it is no part's. */
    synchronized boolean onMount(String account, String job) {
        return of(account).onMount.contains(job);
    }

    private synchronized void started(String account, String team) {
        unheard(account, team, 1);
    }

    /** Counts the jobs that are in the way of an order, whoever started them. */
    private synchronized void refused(String account, String team, int taken) {
        unheard(account, team, taken - of(account).jobs());
    }

    private void unheard(String account, String team, int jobs) {
        Taken taken = of(account);
        taken.team = team;
        Set<Object> added = new HashSet<>();
        for (int i = 0; i < jobs; i++) {
            added.add(new Object());
        }
        taken.unheard.addAll(added);
        occupy(account);
        // Where nobody asks Clari, they must not count for good.
        timer.schedule(() -> forget(account, added), config.refresh());
    }

    private synchronized void forget(String account, Set<Object> jobs) {
        of(account).unheard.removeAll(jobs);
        occupy(account);
    }

    /** Says that Clari is being asked: what it answers holds whatever was started until now. */
    synchronized void asking(String account) {
        Taken taken = of(account);
        taken.told = Set.copyOf(taken.unheard);
    }

    /**
     * Says how many are taken by jobs that are known.
     *
     * @param learned whether Clari's last answer is part of that
     */
    synchronized void known(String account, int jobs, boolean learned) {
        Taken taken = of(account);
        taken.known = jobs;
        if (learned) {
            taken.unheard.removeAll(taken.told);
        }
        occupy(account);
    }

    /** The team that has started a job on the mount since Clari was asked, or whose job still runs. */
    synchronized Optional<String> watched(String account) {
        Taken taken = of(account);
        return taken.jobs() > 0 ? Optional.ofNullable(taken.team) : Optional.empty();
    }

    private Taken of(String account) {
        return accounts.computeIfAbsent(account, added -> new Taken());
    }

    private void occupy(String account) {
        Taken taken = of(account);
        budget.occupy("clari/" + account, ClariLimits.EXPORT_JOBS, taken.jobs() + taken.ordering + taken.own);
    }
}
