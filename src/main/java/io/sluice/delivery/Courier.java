package io.sluice.delivery;

import io.sluice.FailureLog;
import io.sluice.Ulids;
import io.sluice.call.CallAbandonedException;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jboss.logging.Logger;

/** Delivers what waits in one flow, one claim after another. Thread-safe: several may do so at once. */
final class Courier {
    private static final Logger LOG = Logger.getLogger(Courier.class);

    private final FailureLog failures = new FailureLog(LOG);

    private final Flow flow;
    private final Carrier carrier;
    private final Tools tools;

    private volatile long restUntil;
    private volatile int together;
    private int refused; // guarded by this; how often in a row the channel took nothing

    Courier(Flow flow, Carrier carrier, Tools tools) {
        this.flow = flow;
        this.carrier = carrier;
        this.tools = tools;
        this.together = tools.config().claimTogether();
    }

    /** A team's letters to one channel. */
    record Flow(int number, Channel channel, String team) {}

    /** What all couriers share. */
    record Tools(
            ClaimLetters claims,
            FinishLetters finishes,
            Leases leases,
            Backoff backoff,
            DeliveriesConfig config,
            InstantSource clock,
            Ulids ids,
            Modes modes,
            DeliveryMeters meters) {}

    Flow flow() {
        return flow;
    }

    /** Whether the channel takes something, as far as is known, and nobody has paused its account. */
    boolean rested() {
        return tools.clock().millis() >= restUntil && tools.modes().deliver(flow.channel());
    }

    /** Claims and delivers once; tells whether there may be more to deliver at once. */
    boolean round() throws InterruptedException {
        long now = tools.clock().millis();
        if (!rested()) {
            return false;
        }
        String token = tools.ids().next();
        int most = together;
        ClaimLetters.Claimed claimed;
        try (Leases.Held held = tools.leases().hold(token)) {
            claimed = tools.claims()
                    .claim(
                            flow.number(),
                            token,
                            now,
                            held.until(),
                            now + tools.config().tick().toMillis(),
                            most);
            List<Waiting> left = expired(token, claimed.letters(), now);
            List<List<Waiting>> loads = Loads.of(carrier, left);
            adapt(claimed, loads);
            try {
                deliver(token, held, claimed.letters().size() < most ? loads : filled(token, loads));
            } catch (StoreUnavailableException e) {
                // The lanes come back when the lease ends; what was delivered is then delivered again, which its ids
                // make harmless.
                LOG.debugf("deliveries of team %s to %s: %s", flow.team(), flow.channel(), e.getMessage());
                rest(tools.backoff().after(0));
                return false;
            }
        }
        return claimed.more() && rested();
    }

    /** Buries what is too old. */
    private List<Waiting> expired(String token, List<Waiting> letters, long now) {
        List<Waiting> old =
                letters.stream().filter(letter -> letter.expiresAt() <= now).toList();
        if (old.isEmpty()) {
            return letters;
        }
        long until = now + tools.config().keepDead().toMillis();
        tools.meters().expired(flow, old.size());
        tools.finishes()
                .finish(
                        token,
                        old.stream()
                                .map(letter -> new FinishLetters.End.Dead(
                                        letter,
                                        "expired: not delivered within "
                                                + tools.config().maxAge(),
                                        until))
                                .toList(),
                        now);
        return letters.stream().filter(letter -> letter.expiresAt() > now).toList();
    }

    /**
     * Claims about as many letters as one batch holds, so that few are claimed for nothing, and more where all that were found
     * must wait for others.
     */
    private void adapt(ClaimLetters.Claimed claimed, List<List<Waiting>> loads) {
        int largest = loads.stream().mapToInt(List::size).max().orElse(0);
        int most = tools.config().claimTogether();
        boolean noneReady = claimed.more() && claimed.letters().isEmpty();
        if (loads.size() > 1) {
            together = Math.clamp(largest + 1L, 1, most);
        } else if (largest == together || noneReady) {
            together = Math.min(most, together * 2);
        }
    }

    /** Gives back what was claimed for a further batch and does not fill it: there is more, and a call costs a permit. */
    private List<List<Waiting>> filled(String token, List<List<Waiting>> loads) {
        long batches = loads.stream()
                .filter(load -> carrier.batches(load.getFirst().kind()))
                .count();
        if (batches < 2) {
            return loads;
        }
        tools.claims().release(token, loads.getLast(), tools.clock().millis());
        return loads.subList(0, loads.size() - 1);
    }

    private void deliver(String token, Leases.Held held, List<List<Waiting>> loads) throws InterruptedException {
        for (int i = 0; i < loads.size(); i++) {
            if (!rested() || Thread.currentThread().isInterrupted() || !deliverOne(token, held, loads.get(i))) {
                List<Waiting> rest = loads.subList(i, loads.size()).stream()
                        .flatMap(List::stream)
                        .toList();
                tools.claims()
                        .release(token, rest, Math.max(restUntil, tools.clock().millis()));
                return;
            }
        }
    }

    /** Delivers a load, unless its lease has run out. */
    private boolean deliverOne(String token, Leases.Held held, List<Waiting> load) throws InterruptedException {
        List<Fate> fates;
        try {
            fates = carrier.deliver(flow.channel(), flow.team(), tools.config().patience(), held::lasts, load);
            failures.succeeded(name());
        } catch (CallAbandonedException e) {
            LOG.warnf(
                    "the lease on %d letters of team %s to %s ran out while they waited to be sent",
                    load.size(), flow.team(), flow.channel());
            return false;
        } catch (RuntimeException e) {
            failures.failed(name(), () -> String.valueOf(e.getMessage()), e);
            fates = load.stream()
                    .<Fate>map(letter ->
                            new Fate.Again("Sluice failed: " + e.getClass().getSimpleName()))
                    .toList();
        }
        long now = tools.clock().millis();
        mind(fates);
        tools.meters().carried(flow, fates);
        List<FinishLetters.End> ends = new ArrayList<>();
        for (int i = 0; i < load.size(); i++) {
            ends.add(end(load.get(i), fates.get(i), now));
        }
        tools.finishes().finish(token, ends, now);
        return true;
    }

    private String name() {
        return "delivery of team " + flow.team() + " to " + flow.channel();
    }

    private FinishLetters.End end(Waiting letter, Fate fate, long now) {
        return switch (fate) {
            case Fate.Delivered() ->
                new FinishLetters.End.Gone(
                        letter, now + tools.config().keepDelivered().toMillis());
            case Fate.Dead(String reason) ->
                new FinishLetters.End.Dead(
                        letter, reason, now + tools.config().keepDead().toMillis());
            case Fate.Again _ ->
                new FinishLetters.End.Later(
                        letter, now + tools.backoff().after(letter.failures()).toMillis(), true);
            case Fate.NotNow _ -> new FinishLetters.End.Later(letter, Math.max(now, restUntil), false);
        };
    }

    /**
     * Leaves the channel alone when it takes nothing, so that letters do not fail one batch after another; ever longer while
     * it goes on so. Couriers that were under way together hear the same, which counts once.
     */
    private synchronized void mind(List<Fate> fates) {
        List<Fate.NotNow> refusals = fates.stream()
                .filter(Fate.NotNow.class::isInstance)
                .map(Fate.NotNow.class::cast)
                .toList();
        if (refusals.isEmpty()) {
            refused = 0;
            return;
        }
        Duration longest = refusals.stream()
                .map(Fate.NotNow::rest)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        if (refusals.stream().anyMatch(Fate.NotNow::again) && tools.clock().millis() >= restUntil) {
            Duration backoff = tools.backoff().after(refused++);
            longest = backoff.compareTo(longest) > 0 ? backoff : longest;
        }
        rest(longest);
    }

    private synchronized void rest(Duration wait) {
        restUntil = Math.max(restUntil, tools.clock().millis() + wait.toMillis());
    }
}
