package io.sluice.vendor.clari;

import io.sluice.budget.Budget;
import io.sluice.budget.Timer;
import io.sluice.export.ExportsConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How many of an organization's slots for exports are taken, so that the budget holds further orders back: by jobs that
 * Sluice drives or Clari reports, and by those that teams have just started on the mount, of which nobody hears until
 * Clari is asked again. Thread-safe.
 */
@ApplicationScoped
public class ClariSlots {
    private static final String BUDGET = "clari/";

    /** More than an organization may start in the time in which one of its jobs is looked for. */
    private static final int MOST_REMEMBERED = 1_000;

    private final Budget budget;
    private final Timer timer;
    private final ExportsConfig config;
    private final ReportedLimits limits;
    private final Map<String, Taken> accounts = new HashMap<>(); // guarded by this

    ClariSlots(Budget budget, Timer timer, ExportsConfig config, ReportedLimits limits) {
        this.budget = budget;
        this.timer = timer;
        this.config = config;
        this.limits = limits;
    }

    private static final class Taken {
        /** Those that the store knows of. */
        private int known;
        /** Those among them that are not the store's. */
        private int others;
        /** Those that Clari named last and that were started on the mount. */
        private int named;
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

        /** Jobs that nobody has started through Sluice, as far as this process remembers. */
        private int foreign() {
            return Math.max(0, others - named);
        }
    }

    /** One of its kind even if another says the same. */
    private static final class Heard {
        private final int taken;

        Heard(int taken) {
            this.taken = taken;
        }
    }

    /** One order on the mount, from before it is sent until its job counts, if there is one. */
    final class Order implements AutoCloseable {
        private final String account;
        private int landed;

        private Order(String account) {
            this.account = account;
        }

        /** Says that it is about to lose its permit, and may have led to a job. */
        void land() {
            synchronized (ClariSlots.this) {
                of(account).landed += 1 - landed;
                landed = 1;
                occupy(account);
            }
        }

        /** Says that it has led to a job, or may have, in the name of that team. */
        void start(String team) {
            started(account, team);
        }

        /** Says that a job is one of the mount's. */
        void remember(String job) {
            synchronized (ClariSlots.this) {
                Set<String> known = of(account).onMount;
                known.add(job);
                if (known.size() > MOST_REMEMBERED) {
                    known.remove(known.iterator().next());
                }
            }
        }

        @Override
        public void close() {
            synchronized (ClariSlots.this) {
                of(account).landed -= landed;
                of(account).ordering--;
                occupy(account);
            }
        }
    }

    /** Hears of an order on the mount that is about to be sent. */
    synchronized Order order(String account) {
        of(account).ordering++;
        return new Order(account);
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
        Taken taken = of(account);
        taken.heard = heard;
        taken.named = (int) said.jobs().stream().filter(taken.onMount::contains).count();
        // What is taken first: a limit that is raised lets orders go at once.
        occupy(account);
        change(account, said.slots());
        forgetLater(account, later -> {
            if (later.heard == heard) {
                later.heard = null;
            }
        });
    }

    private void change(String account, int slots) {
        of(account).slots = slots;
        limits.reportSlots(account, slots);
    }

    /** Says that an order of Sluice's own is about to lose its permit: its job counts until it is settled. */
    void ordered(String account) {
        own(account, 1);
    }

    /** Says that the job of Sluice's own order, if there is one, is among those that are known. */
    void settled(String account) {
        own(account, 0);
    }

    private synchronized void own(String account, int jobs) {
        of(account).own = jobs;
        occupy(account);
    }

    /** Whether an order on the mount is on its way. */
    synchronized boolean ordering(String account) {
        return of(account).ordering > 0;
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
     * @param others how many of those by jobs that are not the store's
     * @param learned whether Clari's last answer is part of that
     */
    synchronized void known(String account, OptionalInt slots, int jobs, int others, boolean learned) {
        Taken taken = of(account);
        taken.known = jobs;
        taken.others = others;
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
        budget.occupy(BUDGET + account, ClariLimits.EXPORT_JOBS, taken.jobs() + taken.landed + taken.own, taken.foreign());
    }
}
