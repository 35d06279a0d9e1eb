package io.sluice.vendor.clari;

import io.sluice.budget.Budget;
import io.sluice.budget.Limit;
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
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
    private static final String BUDGET = "clari/";

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
        /** Those that the store knows of. */
        private int known;
        /** Jobs that were started on the mount since Clari was asked. */
        private final Set<Object> unheard = new HashSet<>();
        /** Those among them that the answer will hold for which Clari is being asked. */
        private Set<Object> told = Set.of();
        /** What Clari has said that the store does not know yet. */
        private @Nullable Heard heard;
        /** Whether Clari has been asked since; what it answers holds that. */
        private boolean heardBefore;
        /** How many slots the budget was told last. */
        private int slots;
        /** Orders on the mount that are on their way. Each holds a permit until it is answered. */
        private int ordering;
        /** Those of them that were answered, and whose jobs do not count yet. */
        private int landed;
        /** 1 while an order of Sluice's own was answered whose job is not among those known. */
        private int own;
        /** The ids of jobs that were started on the mount, the oldest first. */
        private final Set<String> onMount = new LinkedHashSet<>();
        /** The team that has ordered on the mount last. */
        private @Nullable String team;

        private int jobs() {
            return Math.max(known + unheard.size(), heard == null ? 0 : heard.taken);
        }
    }

    /** One of its kind even if another says the same. */
    private static final class Heard {
        private final int taken;

        Heard(int taken) {
            this.taken = taken;
        }
    }

    @Override
    public Response placed(Call call, Function<Call, Response> api) {
        String account = call.account().name();
        AtomicInteger landed = new AtomicInteger();
        // Before its permit is the next one's.
        call.whenLanding(() -> {
            if (landed.compareAndSet(0, 1)) {
                landed(account, 1);
            }
        });
        ordering(account, 1);
        boolean started = false;
        try {
            Response answer = api.apply(call);
            started = answer.getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL;
            return started || call.dialect().quotas().statuses().contains(answer.getStatus())
                    ? looked(call, answer, started)
                    : answer;
        } finally {
            if (started || call.outcomeUnknown()) {
                started(account, call.flow().team());
            }
            landed(account, -landed.get());
            ordering(account, -1);
        }
    }

    private Response looked(Call call, Response answer, boolean started) {
        VendorAnswer said = VendorAnswer.of(answer);
        String beginning = said.beginning();
        if (started) {
            ClariExports.jobId(beginning)
                    .ifPresent(id -> remember(call.account().name(), id));
        } else if (call.dialect().quotas().match(said.status(), beginning) && full(call)) {
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
            if (said.quotaLeft() < 1) {
                return false;
            }
            full(account, team, said);
            return true;
        } catch (NotNowException e) {
            LOG.infof("%s: nobody knows whether slots or quota are used up: %s", call.id(), e.getMessage());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Hears that Clari has refused an order for its slot: all of them count as taken until it is asked again, whatever it says
     * now.
     */
    synchronized void full(String account, String team, OrganizationLimits.Said said) {
        Taken taken = of(account);
        taken.team = team;
        taken.heardBefore = false;
        heard(account, new Heard(said.slots()), said);
    }

    /** Hears what Clari says, before the store does. */
    synchronized void heard(String account, OrganizationLimits.Said said) {
        Taken taken = of(account);
        if (taken.heard == null || taken.heardBefore) {
            taken.heardBefore = true;
            heard(account, new Heard(said.taken()), said);
        }
    }

    private void heard(String account, Heard heard, OrganizationLimits.Said said) {
        of(account).heard = heard;
        // What is taken first: a limit that is raised lets orders go at once.
        occupy(account);
        change(account, said.slots());
        if (said.quota() >= 1) {
            budget.change(
                    BUDGET + account,
                    Limit.Rate.of(ClariLimits.EXPORT_QUOTA, said.quota(), OrganizationLimits.QUOTA_WINDOW));
        }
        forgetLater(account, taken -> {
            if (taken.heard == heard) {
                taken.heard = null;
            }
        });
    }

    private void change(String account, int slots) {
        of(account).slots = slots;
        budget.change(BUDGET + account, new Limit.InFlight(ClariLimits.EXPORT_JOBS, slots));
    }

    /** Sends an order of Sluice's own, whose job counts from its answer on until it is settled. */
    Response ordered(Call call, Function<Call, Response> api) {
        call.whenLanding(() -> own(call.account().name(), 1));
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
    }

    private synchronized void landed(String account, int more) {
        of(account).landed += more;
        occupy(account);
    }

    /** Whether an order on the mount is on its way. */
    synchronized boolean ordering(String account) {
        return of(account).ordering > 0;
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
        Taken taken = of(account);
        Object job = new Object();
        taken.unheard.add(job);
        taken.team = team;
        occupy(account);
        forgetLater(account, later -> later.unheard.remove(job));
    }

    /** Where nobody asks Clari, nothing must count for good. */
    private void forgetLater(String account, Consumer<Taken> forgetting) {
        timer.schedule(() -> forget(account, forgetting), config.refresh());
    }

    private synchronized void forget(String account, Consumer<Taken> forgetting) {
        forgetting.accept(of(account));
        occupy(account);
    }

    /** Says that Clari is being asked: what it answers holds whatever was started until now. */
    synchronized void asking(String account) {
        Taken taken = of(account);
        taken.told = Set.copyOf(taken.unheard);
        taken.heardBefore = true;
    }

    /**
     * Says what the store knows.
     *
     * @param slots how many there are, if Clari has ever said so
     * @param jobs how many of them are taken
     * @param learned whether Clari's last answer is part of that
     */
    synchronized void known(String account, OptionalInt slots, int jobs, boolean learned) {
        Taken taken = of(account);
        taken.known = jobs;
        if (learned) {
            taken.unheard.removeAll(taken.told);
            if (taken.heardBefore) {
                taken.heard = null;
            }
        }
        occupy(account);
        if (slots.isPresent() && slots.getAsInt() != taken.slots) {
            change(account, slots.getAsInt());
        }
    }

    /** The team that has ordered on the mount last, while jobs run. */
    synchronized Optional<String> watched(String account) {
        Taken taken = of(account);
        return taken.jobs() > 0 ? Optional.ofNullable(taken.team) : Optional.empty();
    }

    private Taken of(String account) {
        return accounts.computeIfAbsent(account, added -> new Taken());
    }

    private void occupy(String account) {
        Taken taken = of(account);
        budget.occupy(BUDGET + account, ClariLimits.EXPORT_JOBS, taken.jobs() + taken.landed + taken.own);
    }
}
