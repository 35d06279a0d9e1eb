package io.sluice.process;

import java.time.Duration;
import java.util.Random;

/** Random moments, which the same seed makes again: {@code -Dsluice.kills.seed}, and {@code -Dsluice.kills} for how many. */
final class Moments {
    private static final int LINE = 900;

    private final long seed = Long.getLong("sluice.kills.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** How many there are to be. */
    static int count(int otherwise) {
        return Integer.getInteger("sluice.kills", otherwise);
    }

    Duration within(Duration longest) {
        return Duration.ofNanos(random.nextLong(longest.toNanos()));
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** A failure that tells how to make the same moments again, and what went wrong, in one line, since some keep no more of it. */
    AssertionError failed(Throwable cause) {
        String why = String.valueOf(cause.getMessage()).replaceAll("\\s+", " ");
        return new AssertionError("with -D" + this + ": " + why.substring(0, Math.min(why.length(), LINE)), cause);
    }

    @Override
    public String toString() {
        return "sluice.kills.seed=" + seed;
    }
}
