package io.sluice.simulation;

import java.util.random.RandomGenerator;

/** How long a message is under way, in nanoseconds; one way. */
@FunctionalInterface
public interface Delays {
    long MILLI = 1_000_000L;

    long next(RandomGenerator random);

    static Delays constant(long nanos) {
        return random -> nanos;
    }

    /** Anything from {@code least} to {@code least + spread}, all equally likely. */
    static Delays uniform(long least, long spread) {
        return random -> least + (spread == 0 ? 0 : random.nextLong(spread + 1));
    }

    /** Mostly near {@code median}, with a long tail. */
    static Delays lognormal(long median, double sigma) {
        return random -> (long) (median * Math.exp(sigma * random.nextGaussian()));
    }

    /** {@code usual}, but one in {@code rarity} takes up to {@code longest} longer. */
    static Delays spikes(Delays usual, int rarity, long longest) {
        return random -> usual.next(random) + (random.nextInt(rarity) == 0 ? random.nextLong(longest) : 0);
    }

    /** {@code usual}, but now and then everything stands still, and then all of it comes at once. */
    static Delays stalls(VirtualTime time, Delays usual, long every, long length) {
        return random -> {
            long into = Math.floorMod(time.read(), every);
            return usual.next(random) + Math.max(0, length - into);
        };
    }

    /** {@code before} until {@code at}, then {@code after}: a route that changes. */
    static Delays changing(VirtualTime time, long at, Delays before, Delays after) {
        return random -> (time.read() < at ? before : after).next(random);
    }

    /** Any of these, with numbers of the size that windows of {@code window} nanoseconds meet. */
    static Delays any(RandomGenerator random, VirtualTime time, long window) {
        long most = Math.max(1, window / 20);
        Delays uniform = uniform(random.nextLong(most), random.nextLong(most));
        return switch (random.nextInt(7)) {
            case 0 -> constant(random.nextLong(most));
            case 1 -> uniform;
            case 2 -> lognormal(1 + random.nextLong(most), random.nextDouble(1.2));
            case 3 -> spikes(uniform, 2 + random.nextInt(50), 1 + random.nextLong(3 * window));
            case 4 -> stalls(time, uniform, window + random.nextLong(5 * window), 1 + random.nextLong(window));
            case 5 ->
                changing(
                        time,
                        random.nextLong(10 * window),
                        constant(random.nextLong(window)),
                        constant(random.nextLong(most)));
            default -> constant(0);
        };
    }
}
