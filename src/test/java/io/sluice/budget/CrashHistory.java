package io.sluice.budget;

import io.sluice.budget.Decision.Granted;
import io.sluice.budget.window.CrashRules;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VendorLimiter;
import io.sluice.simulation.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One process after the other, each of which crashes and leaves a disk to the next, against a vendor that counts. All
 * moments of a crash occur: before a write, during it, after it and before the process hears of that; between a grant and
 * its sending, between sending, arrival and answer.
 */
final class CrashHistory {
    private static final long SECOND = 1_000_000_000L;
    private static final String ACCOUNT = "vendor/account";
    private static final int LIVES = 12;

    /** At which event a process crashes, if not at a time. */
    private enum Moment {
        TIME,
        GRANTED,
        SENT,
        WRITE_BEGUN,
        WRITTEN,
        WRITE_TOLD
    }

    private final long seed;
    private final CrashRules rules;
    private final RandomGenerator random;
    private final VirtualTime time = new VirtualTime();
    private final Limit.Rate limit;
    private final Limit.@Nullable Rate perUser;
    private final int dearest;
    private final long slowest;
    private final boolean unusedBursts;
    private final boolean fails;
    private final boolean loses;
    private final long longestFlight;
    private final VendorLimiter vendor;
    private final Map<String, VendorLimiter> users = new HashMap<>();
    private final List<Call> arriving = new ArrayList<>();
    private final List<Ticket> waiting = new ArrayList<>();

    private @Nullable AccountSnapshot disk;
    private boolean diskLost;
    private Duration wallError = Duration.ZERO;
    private int boot;

    private boolean[] alive = {false};
    private Moment crashAt = Moment.TIME;
    private int events;
    private int life;

    /** Calls that the vendor counted. */
    long accepted;

    @Nullable
    String refused;

    private static final class Call {
        final String user;
        final int cost;
        boolean arrived;

        Call(String user, int cost) {
            this.user = user;
            this.cost = cost;
        }
    }

    /**
     * One of many.
     *
     * @param unusedBursts whether callers of a small limit leave while their burst is being saved, so that more is reserved
     *     than anybody uses, and then crashes follow on writes: this is what shows why two savings count
     */
    CrashHistory(long seed, CrashRules rules, boolean unusedBursts) {
        this.seed = seed;
        this.rules = rules;
        this.unusedBursts = unusedBursts;
        random = new SplittableRandom(seed);
        fails = random.nextInt(unusedBursts ? 2 : 4) == 0;
        // While the store is away, shorter limits go on and may be refused.
        long window =
                SECOND * (fails ? new int[] {61, 300}[random.nextInt(2)] : new int[] {1, 3, 10, 60}[random.nextInt(4)]);
        List<Limiter> limiters = List.of(Limiter.values());
        Limiter declared = unusedBursts ? Limiter.FIXED : limiters.get(random.nextInt(limiters.size()));
        limit = limit("api", new int[] {2, 5, 20, 100}[unusedBursts ? 1 : random.nextInt(4)], declared, window);
        perUser = !unusedBursts && random.nextInt(3) == 0
                ? limit("user", 2 + random.nextInt(10), declared, window)
                : null;
        // None that the vendor could never take.
        int deepest = declared == Limiter.BUCKET ? Math.min(limit.permits(), limit.burst()) : limit.permits();
        dearest = random.nextInt(4) == 0 ? deepest : 1;
        slowest = (long) (window * new double[] {0, 1e-4, 1e-2, 0.3}[unusedBursts ? 3 : random.nextInt(4)]);
        loses = random.nextInt(8) == 0;
        longestFlight = 1 + (long) (window * new double[] {1e-4, 1e-2, 0.2, 1.5}[random.nextInt(4)]);
        vendor = limiter(limit);
    }

    private Limit.Rate limit(String name, int permits, Limiter declared, long window) {
        int burst = switch (declared) {
            case BUCKET, FIXED -> random.nextBoolean() ? permits : 1 + random.nextInt(permits);
            case WINDOW, SLIDING, COUNTER ->
                permits == 1 || random.nextBoolean() ? Limit.Rate.NO_BURST : 1 + random.nextInt(permits - 1);
            case UNKNOWN -> Limit.Rate.NO_BURST;
        };
        return new Limit.Rate(name, permits, Duration.ofNanos(window), declared, burst);
    }

    private VendorLimiter limiter(Limit.Rate of) {
        long window = of.window().toNanos();
        long phase = random.nextLong(window);
        return switch (of.limiter()) {
            case FIXED -> new VendorLimiter.FixedWindows(of.permits(), window, phase);
            case SLIDING ->
                random.nextBoolean()
                        ? new VendorLimiter.SlidingLog(of.permits(), window)
                        : new VendorLimiter.Bucket(of.permits(), of.permits(), window);
            case COUNTER -> new VendorLimiter.SlidingCounter(of.permits(), window, phase);
            case BUCKET -> new VendorLimiter.Bucket(of.burst(), of.permits(), window);
            case WINDOW, UNKNOWN ->
                switch (random.nextInt(4)) {
                    case 0 -> new VendorLimiter.FixedWindows(of.permits(), window, phase);
                    case 1 -> new VendorLimiter.SlidingLog(of.permits(), window);
                    case 2 -> new VendorLimiter.SlidingCounter(of.permits(), window, phase);
                    default -> new VendorLimiter.Bucket(of.permits(), of.permits(), window);
                };
        };
    }

    /** Lives through all of it, or until the vendor has refused a call. */
    CrashHistory play() {
        long window = limit.window().toNanos();
        for (life = 0; life < LIVES && refused == null; life++) {
            Budget budget = start();
            List<Moment> moments = List.of(Moment.values());
            crashAt = unusedBursts ? Moment.WRITTEN : moments.get(random.nextInt(moments.size()));
            events = random.nextInt(random.nextBoolean() ? 5 : 1 + 2 * limit.permits());
            long end = time.read()
                    + random.nextLong(1 + (long) (window * new double[] {0.01, 0.3, 2, 5}[random.nextInt(4)]));
            while (alive[0] && refused == null && time.read() < end) {
                ask(budget);
                if (random.nextBoolean()) {
                    // After what they wait for has been reserved, it may be.
                    time.after(random.nextLong(1 + slowest / (unusedBursts ? 4 : 1)), this::leave);
                }
                long until = Math.min(end, time.read() + random.nextLong(1 + window / 2));
                while (alive[0] && refused == null && time.runNextUntil(until)) {
                    // One after the other, to stop at a crash.
                }
                if (alive[0] && refused == null) {
                    time.runUntil(until);
                }
            }
            if (alive[0] && random.nextInt(6) == 0) {
                budget.drain();
            }
            crash();
            time.runUntil(time.read() + new long[] {0, 1, random.nextLong(1 + 3 * window)}[random.nextInt(3)]);
        }
        return this;
    }

    private void ask(Budget budget) {
        int calls = !unusedBursts && random.nextBoolean() ? 1 + random.nextInt(2) : random.nextInt(1 + limit.permits());
        for (int call = 0; call < calls; call++) {
            String user = "user-" + random.nextInt(4);
            int cost = 1 + random.nextInt(dearest);
            List<LimitCost> costs = new ArrayList<>(List.of(new LimitCost(limit.name(), "", cost)));
            if (perUser != null) {
                costs.add(LimitCost.on(perUser.name(), user));
            }
            boolean[] mine = alive;
            waiting.add(budget.enqueue(
                    new PermitRequest(
                            ACCOUNT,
                            "read",
                            costs,
                            new TeamShare("team", 1, 100_000),
                            Priority.BULK,
                            random.nextInt(10) == 0
                                    ? Duration.ZERO
                                    : Duration.ofNanos(
                                            random.nextLong(4 * limit.window().toNanos())),
                            Optional.empty()),
                    decision -> {
                        if (mine[0] && decision instanceof Granted granted) {
                            granted(mine, granted, new Call(user, cost));
                        }
                    }));
        }
    }

    private void leave() {
        if (alive[0]) {
            waiting.forEach(Ticket::cancel);
        }
        waiting.clear();
    }

    private void granted(boolean[] mine, Granted granted, Call call) {
        if (crashesAt(Moment.GRANTED)) {
            return;
        }
        if (random.nextInt(20) == 0) {
            granted.permit().release();
            return;
        }
        granted.permit().send();
        arriving.add(call);
        time.after(random.nextLong(longestFlight), () -> {
            arrive(call);
            time.after(random.nextLong(longestFlight), () -> {
                if (mine[0]) {
                    granted.permit().complete(LimitFeedback.NONE);
                }
            });
        });
        crashesAt(Moment.SENT);
    }

    private void arrive(Call call) {
        if (call.arrived || !arriving.remove(call)) {
            return;
        }
        call.arrived = true;
        for (int permit = 0; permit < call.cost; permit++) {
            boolean user = perUser == null
                    || permit > 0
                    || users.computeIfAbsent(call.user, added -> limiter(perUser))
                            .admits(time.read());
            if (!vendor.admits(time.read()) || !user) {
                refused =
                        "a call of %d permits at %d ns in life %d, seed %d%s, %s%s by %s, write up to %d ns, flight up to %d ns"
                                .formatted(
                                        call.cost,
                                        time.read(),
                                        life,
                                        seed,
                                        unusedBursts ? " of unused bursts" : "",
                                        limit,
                                        perUser == null ? "" : " and " + perUser,
                                        user ? vendor.getClass().getSimpleName() : "a user's limiter",
                                        slowest,
                                        longestFlight);
                return;
            }
        }
        accepted++;
    }

    private boolean crashesAt(Moment moment) {
        if (crashAt == moment && events-- == 0) {
            alive[0] = false;
            return true;
        }
        return false;
    }

    /** The connections are reset: what has not arrived by now does so at once, or never. */
    private void crash() {
        alive[0] = false;
        for (Call call : List.copyOf(arriving)) {
            if (random.nextBoolean()) {
                arrive(call);
            }
        }
        arriving.clear();
    }

    private Budget start() {
        boolean[] mine = {true};
        alive = mine;
        waiting.clear();
        if (loses && random.nextInt(4) == 0 && disk != null) {
            diskLost = true;
        }
        wallError = wallError.minusMillis(random.nextInt(3_000));
        boot += random.nextInt(3) == 0 ? 1 : 0;
        long offset = random.nextLong();
        Timer timer = (task, delay) -> time.schedule(
                () -> {
                    if (mine[0]) {
                        task.run();
                    }
                },
                delay);
        long bootAt = boot;
        Budget budget = new PacedBudget(
                () -> time.read() + offset,
                timer,
                new CheckpointContext(
                        () -> Instant.EPOCH
                                .plusSeconds(1_000_000)
                                .plus(wallError)
                                .plusNanos(time.read()),
                        random.nextBoolean()
                                ? BootClock.NONE
                                : () -> Optional.of(new BootClock.Reading("boot-" + bootAt, time.read(), 0)),
                        new Disk(mine),
                        CheckpointListener.NONE,
                        // However long a write takes: while one is overdue, short limits go on and may be refused.
                        new CheckpointSettings(
                                Duration.ofSeconds(1),
                                Duration.ofHours(1),
                                // So that calls come between a write that failed and the next.
                                unusedBursts ? limit.window().dividedBy(2) : Duration.ofSeconds(1)),
                        rules));
        budget.define(ACCOUNT, perUser == null ? List.of(limit) : List.of(limit, perUser));
        return budget;
    }

    private final class Disk implements BudgetStore {
        private final boolean[] mine;

        Disk(boolean[] mine) {
            this.mine = mine;
        }

        @Override
        public LoadResult load(String account) {
            if (diskLost) {
                return new LoadResult.Lost("made so");
            }
            return disk == null ? new LoadResult.Absent() : new LoadResult.Loaded(disk);
        }

        @Override
        public void save(String account, AccountSnapshot saved, Completion done) {
            if (!mine[0] || crashesAt(Moment.WRITE_BEGUN)) {
                return;
            }
            boolean failed = fails && random.nextInt(3) == 0;
            boolean reaches = !failed || random.nextBoolean();
            long takes = slowest == 0 || saved.complete() ? 0 : random.nextLong(slowest);
            // Somewhere within the write it is on the disk, if ever.
            long onDisk = takes == 0 ? 0 : random.nextLong(takes);
            if (takes == 0) {
                write(saved, reaches);
                told(done, failed);
            } else {
                time.after(onDisk, () -> write(saved, reaches));
                time.after(takes, () -> told(done, failed));
            }
        }

        private void write(AccountSnapshot saved, boolean reaches) {
            if (mine[0] && reaches) {
                disk = saved;
                diskLost = false;
                crashesAt(Moment.WRITTEN);
            }
        }

        private void told(Completion done, boolean failed) {
            if (mine[0]) {
                done.ended(failed ? new IOException("made to fail") : null);
                crashesAt(Moment.WRITE_TOLD);
            }
        }
    }
}
