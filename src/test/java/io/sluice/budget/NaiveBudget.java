package io.sluice.budget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@link PacedBudget} decides, written down without a thought for speed: all calls in one list, looked through
 * from the start whenever something happens. For one account, with limits that the whole account shares, and vendors
 * whose headers are silent.
 */
final class NaiveBudget {
    private static final double HALF = 0.5;

    static final class Call {
        final int id;
        final String operation;
        final String team;
        final int weight;
        final boolean urgent;
        final boolean retry;
        final int order;
        final List<String> limits;
        final long deadline;
        boolean waiting = true;
        boolean granted;
        boolean settled;
        long settledAt;

        Call(int id, String operation, Demand demand, int order, long now) {
            this.id = id;
            this.operation = operation;
            this.order = order;
            team = demand.flow().team();
            weight = demand.flow().weight();
            retry = demand.turn().isPresent();
            urgent = retry || demand.priority() == Priority.INTERACTIVE;
            limits = demand.claims().stream().map(Claim::limit).sorted().toList();
            deadline = now + demand.patience().toNanos();
        }

        String branch() {
            return operation + limits;
        }

        double lead() {
            return urgent ? HALF / weight : 0;
        }
    }

    private final List<Limit> limits;
    private final List<Call> calls = new ArrayList<>();
    private int added;
    private final Map<String, Long> pacedTo = new HashMap<>();
    private final Map<String, Double> starts = new HashMap<>();
    private final Map<String, Double> virtualTimes = new HashMap<>();
    private final Map<String, Integer> lines = new HashMap<>();
    private final Map<String, Integer> passedOver = new HashMap<>();

    NaiveBudget(List<Limit> limits) {
        this.limits = limits;
    }

    Call add(String operation, Demand demand, int order, long now) {
        Call call = new Call(added++, operation, demand, order, now);
        String line = call.branch() + call.team;
        lines.putIfAbsent(line, lines.size());
        if (waiting().noneMatch(other -> (other.branch() + other.team).equals(line))) {
            starts.merge(line, virtualTime(call.branch()), Math::max);
        }
        if (waiting().noneMatch(other -> other.team.equals(call.team))) {
            starts.merge(call.team, virtualTime(""), Math::max);
        }
        calls.add(call);
        return call;
    }

    private Stream<Call> waiting() {
        return calls.stream().filter(call -> call.waiting);
    }

    private double start(String lineOrTeam) {
        return starts.getOrDefault(lineOrTeam, 0.0);
    }

    private double virtualTime(String level) {
        return virtualTimes.getOrDefault(level, 0.0);
    }

    /** Grants all that may go, and returns them in order. */
    List<Call> dispatch(long now) {
        calls.removeIf(call -> call.settled && call.settledAt + 2_000_000_000L < now);
        List<Call> granted = new ArrayList<>();
        for (Optional<Call> next = next(now); next.isPresent(); next = next(now)) {
            grant(next.get(), now);
            granted.add(next.get());
        }
        return granted;
    }

    private Optional<Call> next(long now) {
        return waiting()
                .map(Call::branch)
                .distinct()
                .map(this::head)
                .filter(head -> free(head, now))
                .min(Comparator.<Call>comparingDouble(call -> Math.max(start(call.team), virtualTime("")) - call.lead())
                        .thenComparingInt(call -> call.order));
    }

    private Call head(String branch) {
        return waiting()
                .filter(call -> call.branch().equals(branch))
                .map(call -> call.team)
                .distinct()
                .map(team -> headOfLine(branch, team))
                .min(Comparator.<Call>comparingDouble(head -> start(branch + head.team) - head.lead())
                        .thenComparingInt(head -> lines.getOrDefault(branch + head.team, 0)))
                .orElseThrow();
    }

    private Call headOfLine(String branch, String team) {
        List<Call> line = waiting()
                .filter(call -> call.branch().equals(branch) && call.team.equals(team))
                .sorted(Comparator.comparing((Call call) -> !call.urgent)
                        .thenComparing(call -> !call.retry)
                        .thenComparingInt(call -> call.order)
                        .thenComparingInt(call -> call.id))
                .toList();
        Optional<Call> bulk = line.stream().filter(call -> !call.urgent).findFirst();
        return passedOver.getOrDefault(branch + team, 0) >= 8 && bulk.isPresent() ? bulk.get() : line.getFirst();
    }

    private void grant(Call call, long now) {
        String line = call.branch() + call.team;
        call.waiting = false;
        call.granted = true;
        boolean bulkWaits = waiting().anyMatch(other -> (other.branch() + other.team).equals(line) && !other.urgent);
        passedOver.merge(line, 1, (passed, one) -> call.urgent && bulkWaits ? passed + one : 0);
        if (!(call.urgent && bulkWaits)) {
            passedOver.put(line, 0);
        }
        double lineStart = start(line);
        virtualTimes.merge(call.branch(), Math.max(0, lineStart - call.lead()), Math::max);
        starts.put(line, lineStart + 1.0 / call.weight);
        double teamStart = Math.max(start(call.team), virtualTime(""));
        virtualTimes.merge("", Math.max(0, teamStart - call.lead()), Math::max);
        starts.put(call.team, teamStart + 1.0 / call.weight);
        for (String name : call.limits) {
            if (limit(name) instanceof Limit.Rate rate) {
                long paid = pacedTo.getOrDefault(name, Long.MIN_VALUE / 2);
                pacedTo.put(name, (now - paid <= 5_000_000 ? paid : now) + step(rate));
            }
        }
    }

    void settle(Call call, long now) {
        call.settled = true;
        call.settledAt = now;
    }

    private boolean free(Call call, long now) {
        return call.limits.stream().allMatch(name -> switch (limit(name)) {
            case Limit.InFlight flights -> inFlight(name) < flights.permits();
            case Limit.Rate rate -> rateFree(rate, now);
        });
    }

    private long inFlight(String limit) {
        return calls.stream()
                .filter(call -> call.granted && !call.settled && call.limits.contains(limit))
                .count();
    }

    private boolean rateFree(Limit.Rate rate, long now) {
        long young = calls.stream()
                .filter(call -> call.settled && call.limits.contains(rate.name()))
                .filter(call -> call.settledAt + skew(rate) + rate.window().toNanos() > now)
                .count();
        return pacedTo.getOrDefault(rate.name(), now) <= now && inFlight(rate.name()) + young + 1 <= rate.permits();
    }

    private static long step(Limit.Rate rate) {
        return Math.ceilDiv(rate.window().toNanos() + skew(rate), rate.permits());
    }

    private static long skew(Limit.Rate rate) {
        return 1_000_000 + rate.window().toNanos() / 8192;
    }

    private Limit limit(String name) {
        return limits.stream()
                .filter(limit -> limit.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
