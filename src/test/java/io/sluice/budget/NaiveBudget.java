package io.sluice.budget;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitReading;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/**
 * What {@link PacedBudget} decides, written down without a thought for speed: all calls in one list, looked through
 * from the start whenever something happens. For one account whose rate limits are {@link Limiter#WINDOW}, or
 * {@link Limiter#SLIDING} with and without a burst, and calls that are answered as soon as they are sent, so that R is
 * zero.
 */
final class NaiveBudget {
    private static final double HALF = 0.5;
    private static final int PATIENCE_OF_BULK = 8;

    static final class Call {
        final int id;
        final int order;
        final boolean retry;
        final boolean urgent;
        final long deadline;
        final String operation;
        final String team;
        final String branch;
        final String line;
        final List<Use> uses;
        final double share;
        final double lead;
        boolean waiting = true;
        boolean granted;
        boolean ended;
        /** Whether it was given up, and no call that was sent later was answered. */
        boolean lost;

        long grantedAt;

        Call(int id, PermitRequest request, List<Use> uses, int order, long now) {
            this.id = id;
            this.order = order;
            this.uses = uses;
            retry = request.position().isPresent();
            urgent = retry || request.priority() == Priority.INTERACTIVE;
            deadline = now + request.maxWait().toNanos();
            operation = request.operation();
            team = request.teamShare().team();
            branch = operation
                    + request.costs().stream().map(LimitCost::limit).sorted().toList();
            line = branch + team;
            int cost = uses.stream().mapToInt(use -> use.permits).max().orElse(1);
            share = (double) cost / request.teamShare().weight();
            lead = urgent ? HALF / request.teamShare().weight() : 0;
        }

        boolean inFlight() {
            return granted && !ended;
        }

        Stream<String> limits() {
            return uses.stream().map(use -> use.limit.name());
        }
    }

    /** What a call takes of a counter. */
    static final class Use {
        private final Limit limit;
        private final Counter counter;
        private final int permits;
        /** Whether others may have another counter of the same limit. */
        private final boolean own;
        /** Whether it may go before its slot, since nobody waited for the counter but such as may, too. */
        private boolean promised;
        /** How many permits went before it in the same burst; negative if it kept its slot. */
        private int inBurst = -1;
        /** Whether it is no longer in flight, though its call counts. */
        private boolean over;
        /** When it no longer counts, but for a sliding counter; known once the call has ended. */
        private long countsUntil;

        Use(Limit limit, Counter counter, LimitCost claim) {
            this.limit = limit;
            this.counter = counter;
            permits = claim.permits();
            own = !claim.variable().isEmpty();
        }
    }

    /** What has become of a call. */
    record Event(int call, boolean granted) {}

    /** What a refusal can close. */
    private static final class Cooldown {
        private long closedUntil;
        private boolean probeSucceeded = true;
        private Optional<Call> probe = Optional.empty();
        private int failures;

        boolean open(long now) {
            return closedUntil <= now && probe.isEmpty();
        }

        boolean noLongerCanary(Call call) {
            boolean was = probe.orElse(null) == call;
            probe = was ? Optional.empty() : probe;
            return was;
        }
    }

    /** What is known of one counter beside the calls that it counts. */
    static final class Counter {
        private final Cooldown cooldown = new Cooldown();
        private long last = Long.MIN_VALUE / 2;
        private long distance;
        private Optional<Counter> before = Optional.empty();
        /** When what has ended was counted, as long as nothing else ends. */
        private Optional<List<Long>> arrivals = Optional.empty();

        private long slowUntil;
        private int marginSteps;
        private long lowered = Long.MAX_VALUE;
        private long loweredUntil = Long.MIN_VALUE;
        private final List<Foreign> foreign = new ArrayList<>();
        private long left;
        private long leftUntil;
        private long lostAt;
        /** How many permits have gone in one burst. */
        private int burst;
    }

    /** What refusals have shown of bursts on one limit; a history is shorter than the day after which they count anew. */
    private static final class Bursts {
        private int most = Integer.MAX_VALUE;
        private long refusedAt = Long.MIN_VALUE;
        private boolean refused;
        private boolean stopped;

        void refused(Call call, Use use, long now) {
            most = Math.min(most, Math.max(1, use.inBurst));
            if (call.grantedAt > refusedAt) {
                stopped = refused;
                refused = true;
                refusedAt = now;
            }
        }
    }

    private record Foreign(long at, long permits) {}

    private final List<Limit> limits;
    private final List<Call> calls = new ArrayList<>();
    private int added;
    private long latestAnswered = Long.MIN_VALUE;
    private final Cooldown account = new Cooldown();
    private final Map<String, Cooldown> operations = new HashMap<>();
    private final Map<String, Counter> counters = new HashMap<>();
    private final Map<String, Bursts> bursts = new HashMap<>();
    private final Map<String, Double> starts = new HashMap<>();
    private final Map<String, Double> virtualTimes = new HashMap<>();
    private final Map<String, Integer> lines = new HashMap<>();
    private final Map<String, Integer> passedOver = new HashMap<>();

    NaiveBudget(List<Limit> limits) {
        this.limits = limits;
    }

    Call add(PermitRequest request, int order, long now) {
        List<Use> uses = request.costs().stream().map(this::use).toList();
        uses.forEach(use -> use.promised = mayGoAtOnce(use, now));
        Call call = new Call(added++, request, uses, order, now);
        lines.putIfAbsent(call.line, lines.size());
        if (waiting().noneMatch(other -> other.line.equals(call.line))) {
            starts.merge(call.line, virtualTime(call.branch), Math::max);
        }
        if (waiting().noneMatch(other -> other.team.equals(call.team))) {
            starts.merge(call.team, virtualTime(""), Math::max);
        }
        calls.add(call);
        return call;
    }

    private Use use(LimitCost claim) {
        Limit limit = limits.stream()
                .filter(each -> each.name().equals(claim.limit()))
                .findFirst()
                .orElseThrow();
        String counter = claim.limit() + " " + claim.variable();
        return new Use(limit, counters.computeIfAbsent(counter, name -> new Counter()), claim);
    }

    /** Grants all that may go, then refuses all whose time is up, and begins anew if there were such. */
    List<Event> dispatch(long now) {
        calls.removeIf(call -> call.ended
                && call.uses.stream()
                        .allMatch(use -> use.countsUntil <= now
                                && (!(use.limit instanceof Limit.Rate rate)
                                        || use.countsUntil + rate.window().toNanos() <= now)));
        List<Event> events = new ArrayList<>();
        if (waiting().findAny().isEmpty()) {
            return events;
        }
        List<Call> overdue;
        do {
            for (Optional<Call> next = next(now); next.isPresent(); next = next(now)) {
                grant(next.get(), now);
                events.add(new Event(next.get().id, true));
            }
            overdue = waiting()
                    .filter(call -> call.deadline <= now)
                    .sorted(Comparator.<Call>comparingLong(call -> call.deadline)
                            .thenComparingInt(call -> call.id))
                    .toList();
            overdue.forEach(this::leave);
            overdue.forEach(call -> events.add(new Event(call.id, false)));
        } while (!overdue.isEmpty());
        return events;
    }

    void leave(Call call) {
        call.waiting = false;
        calls.remove(call);
    }

    private Optional<Call> next(long now) {
        return waiting()
                .map(call -> call.branch)
                .distinct()
                .flatMap(branch -> head(branch, now).stream())
                .filter(head -> cooldowns(head).allMatch(cooldown -> cooldown.open(now)))
                .filter(head -> head.uses.stream().allMatch(use -> hasRoom(use, now)))
                .min(Comparator.<Call>comparingDouble(call -> Math.max(start(call.team), virtualTime("")) - call.lead)
                        .thenComparingInt(call -> call.order));
    }

    private Optional<Call> head(String branch, long now) {
        return waiting()
                .filter(call -> call.branch.equals(branch))
                .map(call -> call.line)
                .distinct()
                .flatMap(line -> headOfLine(line, now).stream())
                .min(Comparator.<Call>comparingDouble(head -> start(head.line) - head.lead)
                        .thenComparingInt(head -> lines.getOrDefault(head.line, 0)));
    }

    /** The first call of a line that does not wait for a counter of its own. */
    private Optional<Call> headOfLine(String line, long now) {
        List<Call> able = waiting()
                .filter(call -> call.line.equals(line))
                .filter(call -> call.uses.stream()
                        .filter(use -> use.own)
                        .allMatch(use -> use.counter.cooldown.open(now) && hasRoom(use, now)))
                .sorted(Comparator.comparing((Call call) -> !call.urgent)
                        .thenComparing(call -> !call.retry)
                        .thenComparingInt(call -> call.order)
                        .thenComparingInt(call -> call.id))
                .toList();
        Optional<Call> first = able.stream().findFirst();
        return passedOver.getOrDefault(line, 0) < PATIENCE_OF_BULK
                ? first
                : able.stream().filter(call -> !call.urgent).findFirst().or(() -> first);
    }

    private void grant(Call call, long now) {
        call.waiting = false;
        call.uses.forEach(use -> noteGrant(use, now));
        call.granted = true;
        call.grantedAt = now;
        boolean bulkWaits = waiting().anyMatch(other -> other.line.equals(call.line) && !other.urgent);
        passedOver.put(call.line, call.urgent && bulkWaits ? passedOver.getOrDefault(call.line, 0) + 1 : 0);
        charge(call, call.team, "");
        charge(call, call.line, call.branch);
        for (Cooldown cooldown : cooldowns(call).toList()) {
            if (!cooldown.probeSucceeded && cooldown.probe.isEmpty()) {
                cooldown.probe = Optional.of(call);
            }
        }
    }

    private void noteGrant(Use use, long now) {
        if (use.limit instanceof Limit.Rate rate) {
            Counter counter = use.counter;
            counter.left -= use.permits;
            long due = due(rate, use, now);
            use.inBurst = due <= now || !use.promised ? -1 : counter.burst;
            counter.burst = use.permits + (use.inBurst < 0 ? 0 : counter.burst);
            counter.before = Optional.of(new Counter());
            counter.before.get().last = counter.last;
            counter.before.get().distance = counter.distance;
            counter.last = due <= now && now - due <= 5_000_000 ? Math.max(counter.last, due) : now;
            counter.distance = use.permits * step(rate, counter, now);
        }
    }

    private void charge(Call call, String lineOrTeam, String branchOrAll) {
        double start = Math.max(start(lineOrTeam), virtualTime(branchOrAll));
        virtualTimes.merge(branchOrAll, Math.max(0, start - call.lead), Math::max);
        starts.put(lineOrTeam, start + call.share);
    }

    /** Ends a call that was never sent. */
    void release(Call call) {
        call.ended = true;
        calls.remove(call);
        starts.merge(call.team, -call.share, Double::sum);
        starts.merge(call.line, -call.share, Double::sum);
        for (Use use : call.uses) {
            Counter counter = use.counter;
            counter.left += use.permits;
            counter.before.ifPresent(before -> {
                counter.last = before.last;
                counter.distance = before.distance;
            });
            counter.before = Optional.empty();
        }
        cooldowns(call).forEach(cooldown -> cooldown.noLongerCanary(call));
    }

    /** Ends a call that is not waited for any longer. It counts until one that was sent later is answered. */
    void giveUp(Call call, long now) {
        if (latestAnswered > call.grantedAt) {
            settle(call, now);
        } else {
            call.lost = true;
            call.uses.stream().filter(use -> !(use.limit instanceof Limit.Rate)).forEach(use -> use.over = true);
            call.uses.forEach(use -> use.counter.lostAt = now);
        }
        prove(call, now);
    }

    private void answered(long sentAt, long now) {
        latestAnswered = Math.max(latestAnswered, sentAt);
        calls.stream().filter(call -> call.lost && call.grantedAt < sentAt).forEach(call -> {
            call.lost = false;
            settle(call, now);
        });
    }

    /** Ends a call, sent just now, that was not refused; what its answer says of its limits is heard first. */
    void end(Call call, List<LimitReading> readings, long now) {
        settle(call, now);
        answered(now, now);
        readings.forEach(reading -> observe(call, reading, now));
        prove(call, now);
    }

    private void prove(Call call, long now) {
        boolean reopened = false;
        for (Cooldown cooldown : cooldowns(call).toList()) {
            if (cooldown.noLongerCanary(call) && cooldown.closedUntil <= now) {
                cooldown.probeSucceeded = true;
                cooldown.failures = 0;
                reopened = true;
            }
        }
        for (Use use : call.uses) {
            if (reopened && use.limit instanceof Limit.Rate rate) {
                use.counter.slowUntil = now + rate.window().toNanos();
            }
        }
    }

    /** Ends a call that the vendor refused for its rate. */
    void refuse(Call call, LimitFeedback.Throttle throttle, long now) {
        settle(call, now);
        answered(call.grantedAt, now);
        Stream<Cooldown> closing = switch (throttle.scope()) {
            case ACCOUNT -> Stream.of(account);
            case OPERATION -> Stream.of(operation(call));
            case LIMITS -> call.uses.stream().map(use -> use.counter.cooldown);
        };
        boolean avoidable = cooldowns(call).noneMatch(cooldown -> cooldown.probe.orElse(null) == call)
                && call.uses.stream()
                        .noneMatch(use -> use.limit instanceof Limit.Rate rate && foreign(rate, use.counter, now) > 0);
        boolean news = false;
        for (Cooldown cooldown : closing.toList()) {
            boolean wasCanary = cooldown.noLongerCanary(call);
            news |= cooldown.probeSucceeded || wasCanary;
            cooldown.failures += wasCanary ? 1 : 0;
            Duration backoff = throttle.backoff().multipliedBy((long) Math.pow(2, Math.min(cooldown.failures, 5)));
            long wait = throttle.retryAfter().orElse(backoff).toNanos();
            cooldown.closedUntil = Math.max(cooldown.closedUntil, now + Math.max(1, wait));
            cooldown.probeSucceeded = false;
        }
        cooldowns(call).forEach(cooldown -> cooldown.noLongerCanary(call));
        for (Use use : call.uses) {
            if (use.inBurst >= 0) {
                if (avoidable) {
                    bursts(use.limit).refused(call, use, now);
                }
            } else if (news && use.limit instanceof Limit.Rate rate) {
                Counter counter = use.counter;
                if (foreign(rate, counter, now) == 0 && 2 * used(counter, now) > usable(rate, counter, now)) {
                    counter.marginSteps = Math.min(20, counter.marginSteps + 1);
                }
            }
        }
    }

    private static void settle(Call call, long now) {
        call.ended = true;
        for (Use use : call.uses) {
            if (use.limit instanceof Limit.Rate rate) {
                long window = rate.window().toNanos();
                use.countsUntil = now + skew(rate) + margin(rate, use.counter) + window;
                use.counter.arrivals = Optional.empty();
            }
        }
    }

    private void observe(Call call, LimitReading reading, long now) {
        for (Use use : call.uses) {
            if (use.limit instanceof Limit.Rate rate && rate.name().equals(reading.limit())) {
                Counter counter = use.counter;
                long told = reading.permits().orElse(0);
                long before = Math.min(counter.lowered, rate.permits());
                Optional<Long> resetAt = reading.resetIn()
                        .filter(in -> in.compareTo(rate.window().plusSeconds(2)) <= 0)
                        .map(in -> now + in.toNanos());
                if (told > 0 && told < before) {
                    counter.lowered = told;
                    counter.loweredUntil = resetAt.orElse(now + rate.window().toNanos());
                } else if (told > before && now >= counter.loweredUntil) {
                    counter.lowered = told < rate.permits() ? told : Long.MAX_VALUE;
                }
                if (reading.remaining().isPresent()) {
                    long remaining = reading.remaining().getAsLong();
                    long unseen = Math.max(0, (told > 0 ? told : rate.permits()) - remaining - used(counter, now));
                    counter.foreign.add(new Foreign(now, Math.min(unseen, rate.permits())));
                    heed(counter, rate, unseen, Math.max(0, remaining - inFlight(counter)), resetAt, now);
                }
            }
        }
    }

    /** Takes no more than is left until the reset, or for a window; within that time it only becomes less. */
    private static void heed(
            Counter counter, Limit.Rate rate, long unseen, long left, Optional<Long> resetAt, long now) {
        long window = rate.window().toNanos();
        if (unseen > 0 && now < counter.leftUntil) {
            counter.left = Math.min(counter.left, left);
        } else if (unseen > 0) {
            counter.left = left;
            counter.leftUntil = resetAt.orElse(now + window);
        }
    }

    private boolean hasRoom(Use use, long now) {
        Counter counter = use.counter;
        return switch (use.limit) {
            case Limit.Concurrency(String _, int permits) ->
                inFlight(counter) + Math.min(use.permits, permits) <= permits;
            case Limit.Rate rate -> {
                long wanted = Math.min(use.permits, usable(rate, counter, now));
                yield (allow(rate, counter, wanted, 0, now) || mayProbe(rate, counter, wanted, now))
                        && (due(rate, use, now) <= now
                                || (use.promised
                                        && !slow(counter, now)
                                        && slotAfter(rate, counter, wanted, now) <= longest(rate, counter, now)));
            }
        };
    }

    /** Whether headers, what counts, and a sliding counter of any phase allow for so many permits. */
    private boolean allow(Limit.Rate rate, Counter counter, long wanted, long more, long now) {
        long usable = usable(rate, counter, now) + more;
        long window = rate.window().toNanos();
        long room = Math.max(2, usable) - inFlight(counter) - wanted;
        List<Long> arrivals = arrivals(rate, counter);
        Stream<Long> starts = arrivals.stream().flatMap(at -> Stream.of(at, at + window));
        return (now >= counter.leftUntil || counter.left >= wanted)
                && used(counter, now) + wanted <= usable
                && (rate.limiter() != Limiter.WINDOW
                        || starts.filter(start -> start <= now && start > now - window)
                                .allMatch(start -> {
                                    long current = arrivals.stream()
                                            .filter(at -> at >= start)
                                            .count();
                                    long previous = arrivals.stream()
                                            .filter(at -> at < start && at >= start - window)
                                            .count();
                                    return previous * (window - (now - start)) <= (room - current) * window;
                                }));
    }

    /** Whether a call may see whether the vendor is still there: all in flight were given up, and none counts there. */
    private boolean mayProbe(Limit.Rate rate, Counter counter, long wanted, long now) {
        long lost = permits(counter, (call, use) -> call.lost);
        return lost > 0
                && lost == inFlight(counter)
                && now
                        >= counter.lostAt
                                + (rate.limiter() == Limiter.WINDOW ? 2 : 1)
                                        * rate.window().toNanos()
                && allow(rate, counter, wanted, lost, now);
    }

    /** When the vendor counted what has ended, at the latest; once a permit. */
    private List<Long> arrivals(Limit.Rate rate, Counter counter) {
        return counter.arrivals.orElseGet(() -> {
            List<Long> arrivals = arrivalsAnew(rate, counter);
            counter.arrivals = Optional.of(arrivals);
            return arrivals;
        });
    }

    private List<Long> arrivalsAnew(Limit.Rate rate, Counter counter) {
        return calls.stream()
                .filter(call -> call.ended)
                .flatMap(call -> call.uses.stream())
                .filter(use -> use.counter == counter)
                .flatMap(use -> Collections.nCopies(
                        use.permits, use.countsUntil - rate.window().toNanos())
                        .stream())
                .sorted()
                .toList();
    }

    /** Whether a call that comes now may go before its slot: what waits may, too, and what it leaves lasts. */
    private boolean mayGoAtOnce(Use use, long now) {
        if (!(use.limit instanceof Limit.Rate rate) || !lasts(rate)) {
            return false;
        }
        List<Use> waiting = waiting()
                .flatMap(call -> call.uses.stream())
                .filter(other -> other.counter == use.counter)
                .toList();
        long usable = usable(rate, use.counter, now);
        long promised = Math.min(
                usable, waiting.stream().mapToLong(other -> other.permits).sum());
        long wanted = promised + Math.min(usable, use.permits);
        return waiting.stream().allMatch(other -> other.promised)
                && use.counter.cooldown.open(now)
                && !slow(use.counter, now)
                && usable > 1
                && slotAfter(rate, use.counter, wanted, now) <= longest(rate, use.counter, now)
                && (allow(rate, use.counter, wanted, 0, now) || mayProbe(rate, use.counter, wanted, now));
    }

    private boolean lasts(Limit.Rate rate) {
        return (rate.limiter() == Limiter.WINDOW || rate.burst() > 1) && !bursts(rate).stopped;
    }

    private Bursts bursts(Limit limit) {
        return bursts.computeIfAbsent(limit.name(), name -> new Bursts());
    }

    private static boolean slow(Counter counter, long now) {
        return now < counter.slowUntil;
    }

    /** The longest slot that a call may leave behind which goes before its own. */
    private long longest(Limit.Rate rate, Counter counter, long now) {
        long usable = usable(rate, counter, now);
        int most = bursts(rate).most;
        if (rate.burst() >= usable && most == Integer.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        long longest = rate.burst() == 0
                ? Math.ceilDiv(2 * span(rate, counter), usable)
                : Math.ceilDiv(span(rate, counter), Math.max(1, usable - rate.burst()));
        return most == Integer.MAX_VALUE
                ? longest
                : Math.min(longest, Math.ceilDiv(span(rate, counter), usable - Math.min(most, usable - 1)));
    }

    private long slotAfter(Limit.Rate rate, Counter counter, long taken, long now) {
        return usable(rate, counter, now) == 1 || !lasts(rate) ? Long.MAX_VALUE : slot(rate, counter, now, taken, now);
    }

    /** The longest of (time from {@code last} until something is freed) / (what is left and freed before). */
    private long slot(Limit.Rate rate, Counter counter, long last, long more, long now) {
        long left = usable(rate, counter, now) - used(counter, now) - more;
        if (left <= 0) {
            return Long.MAX_VALUE;
        }
        long longest = Math.ceilDiv(span(rate, counter), usable(rate, counter, now));
        for (long arrival : arrivals(rate, counter)) {
            long freed = arrival + rate.window().toNanos();
            if (freed > now) {
                longest = Math.max(longest, Math.ceilDiv(freed - last, left));
                left++;
            }
        }
        return inFlight(counter) + more == 0 ? longest : Math.max(longest, Math.ceilDiv(span(rate, counter), left));
    }

    /** How far apart calls are paced evenly: over one permit less where the vendor may keep a sliding counter. */
    private static long step(Limit.Rate rate, Counter counter, long now) {
        long usable = usable(rate, counter, now);
        long paced = rate.limiter() == Limiter.WINDOW ? Math.max(1, usable - 1) : usable;
        long step = Math.ceilDiv(span(rate, counter), paced);
        return slow(counter, now) ? 2 * step : usable == 1 ? 0 : step;
    }

    /** When the slot of a call is due; long ago if there is none. */
    private long due(Limit.Rate rate, Use use, long now) {
        Counter counter = use.counter;
        long usable = usable(rate, counter, now);
        if (usable == 1 || !lasts(rate)) {
            return counter.last + counter.distance;
        }
        long needed = Math.min(use.permits, usable);
        long left = usable - used(counter, now);
        return left < needed
                ? Long.MIN_VALUE / 2
                : counter.last + needed * (slow(counter, now) ? 2 : 1) * slot(rate, counter, counter.last, 0, now);
    }

    private long used(Counter counter, long now) {
        return permits(counter, (call, use) -> call.inFlight() || (call.ended && use.countsUntil > now));
    }

    private long inFlight(Counter counter) {
        return permits(counter, (call, use) -> call.inFlight() && !use.over);
    }

    private long permits(Counter counter, BiPredicate<Call, Use> counts) {
        long permits = 0;
        for (Call call : calls) {
            for (Use use : call.uses) {
                permits += use.counter == counter && counts.test(call, use) ? use.permits : 0;
            }
        }
        return permits;
    }

    private static long usable(Limit.Rate rate, Counter counter, long now) {
        return Math.max(1, Math.min(rate.permits(), counter.lowered) - foreign(rate, counter, now));
    }

    /** What others used at most in this window of our clock or the last. */
    private static long foreign(Limit.Rate rate, Counter counter, long now) {
        long window = rate.window().toNanos();
        return counter.foreign.stream()
                .filter(each -> each.at() / window >= now / window - 1)
                .mapToLong(Foreign::permits)
                .max()
                .orElse(0);
    }

    private static long span(Limit.Rate rate, Counter counter) {
        return rate.window().toNanos() + skew(rate) + margin(rate, counter);
    }

    /** A twentieth of the window for each step; none is taken back within the minute that a history may last. */
    private static long margin(Limit.Rate rate, Counter counter) {
        return counter.marginSteps * (rate.window().toNanos() / 20);
    }

    private static long skew(Limit.Rate rate) {
        return 1_000_000 + rate.window().toNanos() / 8192;
    }

    private Stream<Call> waiting() {
        return calls.stream().filter(call -> call.waiting);
    }

    private Cooldown operation(Call call) {
        return operations.computeIfAbsent(call.operation, name -> new Cooldown());
    }

    /** All that a refusal can close and that a call needs open. */
    private Stream<Cooldown> cooldowns(Call call) {
        return Stream.concat(
                Stream.of(account, operation(call)), call.uses.stream().map(use -> use.counter.cooldown));
    }

    private double start(String lineOrTeam) {
        return starts.getOrDefault(lineOrTeam, 0.0);
    }

    private double virtualTime(String branchOrAll) {
        return virtualTimes.getOrDefault(branchOrAll, 0.0);
    }
}
