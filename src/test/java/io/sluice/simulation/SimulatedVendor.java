package io.sluice.simulation;

import io.sluice.budget.Decision;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Permit;
import io.sluice.budget.Scope;
import io.sluice.budget.window.LimitReading;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A vendor with one limiter, some way off. Counts what arrives and what it refuses. */
public final class SimulatedVendor {
    /** What the vendor tells in its headers. */
    public enum Headers {
        NONE,
        SOME,
        ALL,
        WRONG
    }

    /** How the vendor writes when it counts anew. Nothing is told more exactly than to the second. */
    public enum Resets {
        ROUNDED_UP,
        ROUNDED_DOWN,
        /** As an epoch, less the answer's date as its reader sees it: both rounded on their own. */
        EPOCH_LESS_DATE
    }

    private static final long SECOND = 1_000_000_000L;

    private final VirtualTime time;
    private final RandomGenerator random;
    private final VendorLimiter limiter;
    private final Delays out;
    private final Delays back;
    private final String limit;

    private final Map<String, VendorLimiter> userLimiters = new HashMap<>();
    private @Nullable Supplier<VendorLimiter> perUser;
    private Headers headers = Headers.NONE;
    private Resets resets = Resets.ROUNDED_UP;
    private double lost;
    private long accepted;
    private long refused;
    private Consumer<Boolean> onArrival = admitted -> {};

    public SimulatedVendor(
            VirtualTime time, RandomGenerator random, String limit, VendorLimiter limiter, Delays out, Delays back) {
        this.time = time;
        this.random = random;
        this.limit = limit;
        this.limiter = limiter;
        this.out = out;
        this.back = back;
    }

    public SimulatedVendor telling(Headers told) {
        headers = told;
        return this;
    }

    public SimulatedVendor resets(Resets written) {
        resets = written;
        return this;
    }

    /** From now on each user has a limiter of its own as well. */
    public SimulatedVendor perUser(Supplier<VendorLimiter> newLimiter) {
        perUser = newLimiter;
        return this;
    }

    /** From now on that share of answers never comes: the caller gives up. */
    public SimulatedVendor losing(double share) {
        lost = share;
        return this;
    }

    public SimulatedVendor onArrival(Consumer<Boolean> hears) {
        onArrival = hears;
        return this;
    }

    public long accepted() {
        return accepted;
    }

    public long refused() {
        return refused;
    }

    /** A call of somebody else arrives now. */
    public boolean foreignCall() {
        return limiter.admits(time.read());
    }

    /** Sends a granted call; runs {@code done} with whether the vendor accepted it, when the answer is there. */
    public void call(Decision.Granted granted, Consumer<Boolean> done) {
        call(granted, "", done);
    }

    /** The same for a call that concerns a user. */
    public void call(Decision.Granted granted, String user, Consumer<Boolean> done) {
        Permit permit = granted.permit();
        if (!permit.send()) {
            throw new IllegalStateException("a permit was sent twice");
        }
        time.after(out.next(random), () -> arrive(permit, user, done));
    }

    private void arrive(Permit permit, String user, Consumer<Boolean> done) {
        boolean admitted = limiter.admits(time.read()) && userAdmits(user);
        accepted += admitted ? 1 : 0;
        refused += admitted ? 0 : 1;
        onArrival.accept(admitted);
        LimitFeedback answer = answer(admitted);
        long answerTakes = back.next(random);
        if (random.nextDouble() < lost) {
            time.after(answerTakes + random.nextLong(1_000_000_000L), () -> {
                permit.abandon();
                done.accept(false);
            });
        } else {
            time.after(answerTakes, () -> {
                permit.complete(answer);
                done.accept(admitted);
            });
        }
    }

    private boolean userAdmits(String user) {
        Supplier<VendorLimiter> newLimiter = perUser;
        return newLimiter == null
                || userLimiters.computeIfAbsent(user, added -> newLimiter.get()).admits(time.read());
    }

    private LimitFeedback answer(boolean admitted) {
        long now = time.read();
        Duration reset = Duration.ofSeconds(Math.ceilDiv(limiter.resetAt(now) - now, SECOND));
        Optional<LimitFeedback.Throttle> throttle = admitted
                ? Optional.empty()
                : Optional.of(new LimitFeedback.Throttle(
                        Scope.LIMITS,
                        headers == Headers.NONE ? Optional.empty() : Optional.of(reset),
                        Duration.ofSeconds(1)));
        return new LimitFeedback(readings(now, written(now)), throttle);
    }

    private Duration written(long now) {
        long resetAt = limiter.resetAt(now);
        return Duration.ofSeconds(
                switch (resets) {
                    case ROUNDED_UP -> Math.ceilDiv(resetAt - now, SECOND);
                    case ROUNDED_DOWN -> (resetAt - now) / SECOND;
                    case EPOCH_LESS_DATE ->
                        random.nextInt(2) + Math.floorDiv(resetAt, SECOND) - Math.floorDiv(now, SECOND);
                });
    }

    private List<LimitReading> readings(long now, Duration reset) {
        boolean epoch = resets == Resets.EPOCH_LESS_DATE;
        return switch (headers) {
            case NONE -> List.of();
            case SOME ->
                random.nextBoolean()
                        ? List.of()
                        : List.of(new LimitReading(
                                limit,
                                OptionalLong.empty(),
                                random.nextBoolean() ? OptionalLong.of(limiter.remaining(now)) : OptionalLong.empty(),
                                random.nextBoolean() ? Optional.of(reset) : Optional.empty(),
                                epoch));
            case ALL ->
                List.of(new LimitReading(
                        limit,
                        OptionalLong.empty(),
                        OptionalLong.of(limiter.remaining(now)),
                        Optional.of(reset),
                        epoch));
            case WRONG ->
                List.of(new LimitReading(
                        limit,
                        OptionalLong.of(random.nextLong(-5, 2_000)),
                        OptionalLong.of(random.nextLong(-5, 2_000)),
                        Optional.of(Duration.ofMillis(random.nextLong(100_000)))));
        };
    }
}
