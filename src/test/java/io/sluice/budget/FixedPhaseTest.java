package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class FixedPhaseTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long WINDOW = 20 * SECOND;

    @Test
    void the_turn_lies_between_what_it_says_however_the_vendor_rounds() {
        for (long seed = 0; seed < 20_000; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            long turn = 100 * SECOND + random.nextLong(WINDOW);
            FixedPhase phase = new FixedPhase(WINDOW);
            long sent = turn - 15 * SECOND;
            for (int answer = 1 + random.nextInt(4); answer > 0; answer--) {
                sent += random.nextLong(3 * SECOND);
                long written = sent + random.nextLong(SECOND / 2);
                long heard = written + random.nextLong(SECOND / 4);
                phase.hear(heard, sent, SECOND * secondsToGo(random, written, turn), false);
            }

            long latest = phase.turnsOverAt();

            assertThat(latest).as("turn, seed %d", seed).isGreaterThanOrEqualTo(turn);
            assertThat(phase.turnedOver(latest - 1)).isFalse();
            assertThat(phase.turnedOver(latest)).isTrue();
            assertThat(phase.turnedOverAt()).as("turn, seed %d", seed).isLessThanOrEqualTo(turn);
        }
    }

    private static long secondsToGo(RandomGenerator random, long written, long turn) {
        long date = Math.floorDiv(written, SECOND);
        return switch (random.nextInt(4)) {
            case 0 -> (turn - written) / SECOND;
            case 1 -> Math.ceilDiv(turn - written, SECOND);
            case 2 -> Math.floorDiv(turn, SECOND) - date;
            default -> Math.ceilDiv(turn, SECOND) - date;
        };
    }
}
