package io.sluice.budget;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for one account, and whose turn it is. Guarded by the account's lock.
 *
 * <p>Hierarchical start-time fair queueing. Each call has a start tag; whoever is granted pushes the tag of the next
 * one on by its cost divided by its team's weight; the smallest tag goes first; and the virtual time is the tag that
 * was granted last. A team that comes back from idle starts at the virtual time, so it cannot save up. Between teams
 * that wait, the difference of what they got for their weight stays below one call of each, however fast or slow the
 * vendor serves. There are two levels of tags, since teams compete for different things:
 *
 * <ul>
 *   <li>In a {@link Branch}, all need the same limits. There each team has a {@link Line}, and the branch names the
 *       call whose turn it is. It does so even if that team has had much elsewhere; if not, a team that is busy
 *       everywhere would never get at a narrow limit beside one that only uses that.
 *   <li>Branches whose limits are free compete for those that they share. There the team counts, not the branch: a
 *       team does not get more by calling many operations.
 * </ul>
 *
 * A branch whose shared limits are not free holds nobody else back. A call that waits for a counter of its own (a limit
 * per user, say) is parked behind that and holds nobody else back either.
 *
 * <p>A retry or a call that somebody waits for starts with a lead of half a call at both levels. So it goes before
 * others' bulk within its team's fair share, and never beyond it.
 */
final class FairQueue {
    private static final long SCALE = 1L << 20;

    private final Gate account;
    private final Map<Branch.Key, Branch> branches = new HashMap<>();
    private NavigableSet<Waiter> byDeadline = Collections.emptyNavigableSet();
    private NavigableSet<ParkedCalls> parked = Collections.emptyNavigableSet();
    private long virtualTime;
    private long parkings;
    /** Whether parked calls have gone back to branches that may have been looked at already. */
    private boolean released;

    private long wakeAt;

    FairQueue(Gate account) {
        this.account = account;
    }

    /** How far a granted call pushes its team's tag on. */
    static long share(Waiter waiter) {
        return Math.max(1, waiter.cost * SCALE / waiter.demand.flow().weight());
    }

    /** By how much a call starts earlier than its team's tag. */
    static long lead(Waiter waiter) {
        return waiter.urgent() ? SCALE / 2 / waiter.demand.flow().weight() : 0;
    }

    Branch branch(Demand demand, Gate operation) {
        List<String> limits = demand.claims().size() == 1
                ? List.of(demand.claims().getFirst().limit())
                : demand.claims().stream().map(Claim::limit).sorted().toList();
        return branches.computeIfAbsent(new Branch.Key(demand.operation(), limits), key -> new Branch(operation));
    }

    void add(Waiter waiter) {
        Team team = waiter.line.team;
        if (team.pending() == 0) {
            team.start = Math.max(team.start, virtualTime);
        }
        team.add(waiter);
        if (byDeadline.isEmpty()) {
            byDeadline = new TreeSet<>(Waiter::byDeadline);
        }
        byDeadline.add(waiter);
        waiter.line.branch.expect(waiter);
        waiter.waiting = true;
        waiter.queueUp(1);
        ParkedCalls before = parkedBefore(waiter);
        if (before == null) {
            waiter.line.branch.add(waiter);
        } else if (before.add(waiter)) {
            recheck(waiter.since, before.meter);
        }
    }

    /** The parked calls of the same line that {@code waiter} must not overtake. */
    private static @Nullable ParkedCalls parkedBefore(Waiter waiter) {
        for (Meter meter : waiter.meters) {
            if (meter.parked != null && meter.parked.holdsBefore(waiter)) {
                return meter.parked;
            }
        }
        return null;
    }

    /** Takes out a call that leaves or is granted; then {@link #recheck} its meters. */
    void remove(Waiter waiter) {
        waiter.waiting = false;
        waiter.line.team.remove(waiter);
        byDeadline.remove(waiter);
        waiter.line.expect(waiter, -1);
        waiter.queueUp(-1);
        if (waiter.parkedOn == null) {
            waiter.line.branch.remove(waiter);
        } else {
            waiter.parkedOn.remove(waiter);
        }
    }

    /** Charges a call that was taken out to be granted. */
    void charge(Waiter waiter) {
        Team team = waiter.line.team;
        long start = Math.max(team.start, virtualTime);
        virtualTime = Math.max(virtualTime, start - lead(waiter));
        team.start = start + share(waiter);
        waiter.line.branch.charge(waiter);
    }

    /** Takes back the charge for a call that was never sent. */
    void refund(Waiter waiter) {
        waiter.line.team.start -= share(waiter);
        waiter.line.branch.refund(waiter);
    }

    /** The call that may go now and whose turn it is, or none; then {@link #wakeAt} says when to ask again. */
    @Nullable
    Waiter next(long now) {
        wakeAt = account.opensAt(now);
        if (wakeAt > now) {
            return null;
        }
        wake(now);
        Waiter best;
        do {
            released = false;
            best = head(now);
        } while (released);
        if (!parked.isEmpty()) {
            wakeAt = Math.min(wakeAt, parked.first().wakeAt);
        }
        return best;
    }

    /** When the next call can go at the earliest, as far as known when {@link #next} found none. */
    long wakeAt() {
        return wakeAt;
    }

    /** The first of the branches' heads that may go now. */
    private @Nullable Waiter head(long now) {
        wakeAt = Meter.NEVER;
        Waiter best = null;
        for (Branch branch : branches.values()) {
            Waiter head = unparkedHead(now, branch);
            if (head == null) {
                continue;
            }
            long opensAt = branch.opensAt(now, head);
            if (opensAt > now) {
                wakeAt = Math.min(wakeAt, opensAt);
            } else if (best == null || goesBefore(head, best)) {
                best = head;
            }
        }
        return best;
    }

    private boolean goesBefore(Waiter one, Waiter other) {
        long oneKey = Math.max(one.line.team.start, virtualTime) - lead(one);
        long otherKey = Math.max(other.line.team.start, virtualTime) - lead(other);
        return oneKey != otherKey ? oneKey < otherKey : one.order < other.order;
    }

    /** The branch's next call that does not wait for a counter of its own; those that do are parked on the way. */
    private @Nullable Waiter unparkedHead(long now, Branch branch) {
        while (true) {
            Waiter head = branch.head();
            if (head == null || !park(now, head)) {
                return head;
            }
        }
    }

    private boolean park(long now, Waiter head) {
        for (int claim = 0; claim < head.meters.size(); claim++) {
            Meter meter = head.meters.get(claim);
            if (!meter.shared()) {
                long freeAt = meter.freeAt(now, head.permits(claim), head.haste(claim));
                if (freeAt > now) {
                    park(now, head, meter, freeAt);
                    return true;
                }
            }
        }
        return false;
    }

    private void park(long now, Waiter head, Meter full, long freeAt) {
        head.line.branch.remove(head);
        ParkedCalls calls = full.parked == null ? new ParkedCalls(full, parkings++) : full.parked;
        full.parked = calls;
        calls.add(head);
        wakeAt(calls, Math.min(calls.wakeAt, freeAt));
        for (Meter other : head.meters) {
            if (other != full) {
                // Others may have let it pass there that need no permit of the full one.
                recheck(now, other);
            }
        }
    }

    private void wake(long now) {
        while (!parked.isEmpty() && parked.first().wakeAt <= now) {
            recheck(now, parked.first().meter);
        }
    }

    /** Looks whether calls that are parked may go on, after something has changed for their counters. */
    void recheck(long now, Collection<? extends Meter> meters) {
        if (parked.isEmpty()) {
            return;
        }
        for (Meter meter : meters) {
            recheck(now, meter);
        }
    }

    private void recheck(long now, Meter meter) {
        ParkedCalls calls = meter.parked;
        if (calls == null) {
            return;
        }
        long freeAt = meter.freeAt(now, 1, calls.haste());
        if (freeAt <= now) {
            calls.release();
            released = true;
        }
        if (calls.isEmpty()) {
            parked.remove(calls);
            meter.parked = null;
        } else {
            // Those that were not released are looked at when one that was is granted or leaves.
            wakeAt(calls, freeAt <= now ? Meter.NEVER : freeAt);
        }
    }

    private void wakeAt(ParkedCalls calls, long time) {
        if (parked.isEmpty()) {
            parked = new TreeSet<>(ParkedCalls::byWaking);
        }
        parked.remove(calls);
        calls.wakeAt = time;
        parked.add(calls);
    }

    /** What is granted before {@code newest}, which came last, of a counter that it claims. */
    long costBefore(Waiter newest, Meter meter) {
        if (!meter.shared()) {
            return meter.wanted - newest.cost;
        }
        Map<Team, Long> waits = new HashMap<>();
        long own = 0;
        for (Map.Entry<Branch.Key, Branch> entry : branches.entrySet()) {
            if (entry.getKey().limits().contains(meter.limit)) {
                for (Line line : entry.getValue().lines()) {
                    waits.merge(line.team, line.urgentCost + line.bulkCost, Long::sum);
                }
                Line ownLine = entry.getValue().lineIfAny(newest.line.team);
                own += ownLine == null
                        ? 0
                        : newest.urgent() ? ownLine.urgentCost : ownLine.urgentCost + ownLine.bulkCost;
            }
        }
        own -= newest.cost;
        long before = own;
        for (Map.Entry<Team, Long> other : waits.entrySet()) {
            if (other.getKey() != newest.line.team) {
                // Meanwhile another team gets no more than its weight allows, and no more than it asks for.
                long fair = Math.ceilDiv(
                        (own + newest.cost) * other.getKey().weight,
                        newest.demand.flow().weight());
                before += Math.min(other.getValue(), fair);
            }
        }
        return before;
    }

    /**
     * About how many permits of a counter could be granted this moment to those who wait, if that could be saved. What
     * another limit of theirs holds back is not among them.
     */
    long atOnce(long now, Meter meter) {
        if (meter.wanted == 0) {
            return 0;
        }
        long own = Math.min(meter.wanted, meter.atOnce(now));
        if (!meter.shared() || own == 0) {
            return own;
        }
        long all = 0;
        for (Map.Entry<Branch.Key, Branch> entry : branches.entrySet()) {
            if (entry.getKey().limits().contains(meter.limit)) {
                all += entry.getValue().atOnce(now);
            }
        }
        return Math.min(own, all);
    }

    /** The call that must be answered next, or none. */
    @Nullable
    Waiter nextDeadline() {
        return byDeadline.isEmpty() ? null : byDeadline.first();
    }

    boolean isEmpty() {
        return byDeadline.isEmpty();
    }
}
