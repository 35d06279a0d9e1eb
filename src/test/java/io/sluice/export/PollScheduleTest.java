package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** When a job is looked at next. */
class PollScheduleTest {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static PollSchedule schedule(long seed) {
        return new PollSchedule(FIRST, 1.5, LONGEST, new SplittableRandom(seed));
    }

    @Test
    void waits_grow_by_half_from_five_seconds_to_a_minute() {
        for (long seed = 0; seed < 1_000; seed++) {
            double expected = 5;
            for (int polls = 0; polls < 20; polls++) {
                double wait = seconds(schedule(seed).next(polls, Duration.ZERO, null));

                assertThat(wait).as("poll %d, seed %d", polls, seed).isBetween(0.9 * expected - 1e-6, expected);
                expected = Math.min(60, expected * 1.5);
            }
        }
    }

    @Test
    void jobs_that_began_together_are_not_looked_at_together() {
        PollSchedule schedule = schedule(7);
        List<Double> waits = new ArrayList<>();
        for (int job = 0; job < 500; job++) {
            waits.add(seconds(schedule.next(0, Duration.ZERO, null)));
        }

        for (int fifth = 0; fifth < 5; fifth++) {
            double begin = 4.5 + 0.1 * fifth;
            assertThat(waits.stream().filter(wait -> wait >= begin && wait < begin + 0.1))
                    .hasSizeBetween(60, 140);
        }
    }

    @Test
    void a_job_that_keeps_to_its_time_is_seen_within_a_twentieth_of_it() {
        for (long seed = 0; seed < 200; seed++) {
            for (int estimate : new int[] {3, 10, 60, 600, 3_600}) {
                PollSchedule schedule = schedule(seed);
                double now = 0;
                int polls = 0;
                while (now < estimate) {
                    Duration wait = schedule.next(polls++, nanos(now), always(Duration.ofSeconds(estimate)));
                    now += seconds(wait);
                }

                assertThat(now - estimate)
                        .as("usual %d s, seed %d", estimate, seed)
                        .isBetween(0.0, Math.max(0.25, 0.05 * estimate));
            }
        }
    }

    @Test
    void jobs_that_vary_are_seen_within_a_twentieth_of_their_time_on_average_with_few_looks() {
        SplittableRandom random = new SplittableRandom(3);
        PollSchedule schedule = schedule(4);
        DurationEstimate estimate = null;
        double delays = 0;
        int polls = 0;
        int jobs = 1_000;
        for (int job = 0; job < jobs; job++) {
            double takes = random.nextDouble(48, 72);
            double now = 0;
            int looks = 0;
            while (now < takes) {
                now += seconds(schedule.next(looks++, nanos(now), estimate));
            }
            delays += now - takes;
            polls += looks;
            estimate = DurationEstimate.updated(estimate, nanos(takes));
        }

        assertThat(delays / jobs).as("seconds late").isLessThan(0.05 * 60);
        assertThat(polls / (double) jobs).as("looks").isLessThan(12);
    }

    @Test
    void a_late_job_costs_looks_by_the_logarithm_of_its_delay_and_never_more_than_one_a_quarter_of_a_second() {
        PollSchedule schedule = schedule(1);
        double now = 0;
        int polls = 0;
        while (now < 7_200) {
            double wait = seconds(schedule.next(polls++, nanos(now), always(Duration.ofMillis(100))));
            assertThat(wait).isBetween(0.25, 60.0);
            now += wait;
        }

        assertThat(polls).isLessThan(160);
    }

    @Test
    void a_job_that_took_no_time_before_is_looked_at_soon() {
        assertThat(schedule(1).next(0, Duration.ZERO, always(Duration.ZERO))).isEqualTo(Duration.ofMillis(250));
    }

    private static DurationEstimate always(Duration duration) {
        return new DurationEstimate(duration, Duration.ZERO);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static Duration nanos(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }
}
