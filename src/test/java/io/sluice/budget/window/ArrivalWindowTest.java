package io.sluice.budget.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ArrivalWindowTest {
    private static final long WINDOW = 1_000_000;

    /** Every arrival there ever was, looked at one by one. */
    private static final class NaiveWindow {
        private final List<Long> arrivals = new ArrayList<>();
        private int inFlight;

        boolean hasRoom(long now, int wanted, int capacity, boolean counter) {
            long inWindow = arrivals.stream().filter(at -> at + WINDOW > now).count();
            if (inFlight + inWindow + wanted > capacity) {
                return false;
            }
            int counted = Math.max(2, capacity);
            return !counter
                    || (arrivals.stream().allMatch(at -> counterHasRoom(now, at, wanted, counted))
                            && arrivals.stream().allMatch(at -> counterHasRoom(now, at + WINDOW, wanted, counted)));
        }

        private boolean counterHasRoom(long now, long start, int wanted, int capacity) {
            if (start > now || start <= now - WINDOW) {
                return true;
            }
            long current = arrivals.stream().filter(at -> at >= start).count();
            long previous = arrivals.stream()
                    .filter(at -> at < start && at >= start - WINDOW)
                    .count();
            return previous * (WINDOW - (now - start)) <= (capacity - wanted - inFlight - current) * WINDOW;
        }
    }

    @Test
    void has_room_exactly_when_a_naive_count_of_all_arrivals_has() {
        for (long seed = 0; seed < 300; seed++) {
            compare(seed, Limiter.SLIDING);
            compare(seed, Limiter.UNKNOWN);
        }
    }

    private static void compare(long seed, Limiter limiter) {
        RandomGenerator random = new SplittableRandom(seed);
        int permits = 2 + random.nextInt(20);
        ArrivalWindow window = new ArrivalWindow(new Limit.Rate("api", permits, Duration.ofNanos(WINDOW), limiter, 1));
        NaiveWindow naive = new NaiveWindow();
        long now = 0;
        for (int step = 0; step < 300; step++) {
            now += random.nextLong(WINDOW / permits);
            int capacity = 1 + random.nextInt(permits);
            int wanted = 1 + random.nextInt(Math.min(3, capacity));
            boolean expected = naive.hasRoom(now, wanted, capacity, limiter == Limiter.UNKNOWN);

            long roomAt = window.roomAt(now, wanted, capacity);

            assertThat(roomAt == now)
                    .as("room for %d of %d at %d, %s, seed %d", wanted, capacity, now, limiter, seed)
                    .isEqualTo(expected);
            if (roomAt > now && roomAt != Times.NEVER) {
                assertThat(naive.hasRoom(roomAt - 1, wanted, capacity, limiter == Limiter.UNKNOWN))
                        .as("room before %d, %s, seed %d", roomAt, limiter, seed)
                        .isFalse();
            }
            if (expected && random.nextInt(4) > 0) {
                window.take(wanted);
                naive.inFlight += wanted;
            } else if (naive.inFlight > 0) {
                int settled = 1 + random.nextInt(naive.inFlight);
                naive.inFlight -= settled;
                if (random.nextInt(5) == 0) {
                    window.release(settled);
                } else {
                    window.settle(now, settled);
                    for (int arrival = 0; arrival < settled; arrival++) {
                        naive.arrivals.add(now);
                    }
                }
            }
            assertThat(window.inFlight()).as("seed %d", seed).isEqualTo(naive.inFlight);
        }
    }

    @Test
    void keeps_its_log_short_however_much_a_window_holds() {
        ArrivalWindow window = new ArrivalWindow(Limit.Rate.of("exports", 1_000_000, Duration.ofDays(30)));
        long month = Duration.ofDays(30).toNanos();

        for (long call = 0; call < 500_000; call++) {
            window.take(1);
            window.settle(call * (month / 500_000), 1);
        }

        assertThat(window.log().size()).isLessThan(1_100);
        assertThat(window.used(month)).isBetween(499_000L, 500_000L);
    }
}
