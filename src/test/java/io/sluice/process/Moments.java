package io.sluice.process;

import java.time.Duration;
import java.util.Random;

/** Random moments, which the same seed makes again: {@code -Dsluice.kills.seed}, and {@code -Dsluice.kills} for how many. */
final class Moments {
    private final long seed = Long.getLong("sluice.kills.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** How many there are to be. */
    static int count(int otherwise) {
        return Integer.getInteger("sluice.kills", otherwise);
    }

    Duration within(Duration longest) {
        return Duration.ofNanos(random.nextLong(longest.toNanos()));
    }

    boolean coin() {
        return random.nextBoolean();
    }

    @Override
    public String toString() {
        return "sluice.kills.seed=" + seed;
    }
}
