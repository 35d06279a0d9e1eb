package io.sluice.budget.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class WindowPhaseTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long WINDOW = 20 * SECOND;

    @Test
    void the_turn_lies_between_what_it_says_however_the_vendor_rounds() {
        for (long seed = 0; seed < 20_000; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            long position = 100 * SECOND + random.nextLong(WINDOW);
            WindowPhase phase = new WindowPhase(WINDOW);
            long sent = position - 15 * SECOND;
            for (int answer = 1 + random.nextInt(4); answer > 0; answer--) {
                sent += random.nextLong(3 * SECOND);
                long written = sent + random.nextLong(SECOND / 2);
                long heard = written + random.nextLong(SECOND / 4);
                phase.observe(heard, sent, SECOND * secondsToGo(random, written, position), false);
            }

            long latest = phase.turnsOverAt();

            assertThat(latest).as("turn, seed %d", seed).isGreaterThanOrEqualTo(position);
            assertThat(phase.turnedOver(latest - 1)).isFalse();
            assertThat(phase.turnedOver(latest)).isTrue();
            assertThat(phase.turnedOverAt()).as("turn, seed %d", seed).isLessThanOrEqualTo(position);
        }
    }

    private static long secondsToGo(RandomGenerator random, long written, long position) {
        long date = Math.floorDiv(written, SECOND);
        return switch (random.nextInt(4)) {
            case 0 -> (position - written) / SECOND;
            case 1 -> Math.ceilDiv(position - written, SECOND);
            case 2 -> Math.floorDiv(position, SECOND) - date;
            default -> Math.ceilDiv(position, SECOND) - date;
        };
    }
}
