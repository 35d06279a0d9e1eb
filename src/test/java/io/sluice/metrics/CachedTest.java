package io.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CachedTest {
    private static final Duration MAX_AGE = Duration.ofMillis(500);

    private final VirtualTime time = new VirtualTime();
    private int readings;
    private boolean away;
    private final Cached<Integer> cached = new Cached<>(this::read, MAX_AGE, time);

    private int read() {
        if (away) {
            throw new IllegalStateException("away");
        }
        return ++readings;
    }

    @Test
    void a_reading_is_shared_until_it_is_too_old() {
        assertThat(cached.get()).isEqualTo(1);

        time.pass(MAX_AGE);
        assertThat(cached.get()).isEqualTo(1);

        time.pass(Duration.ofNanos(1));
        assertThat(cached.get()).isEqualTo(2);
        assertThat(cached.get()).isEqualTo(2);
    }

    @Test
    void nothing_is_read_before_it_is_needed() {
        time.pass(MAX_AGE.plusNanos(1));

        assertThat(readings).isZero();
    }

    @Test
    void a_reading_that_fails_is_tried_again() {
        away = true;
        assertThatThrownBy(cached::get).hasMessage("away");

        away = false;
        assertThat(cached.get()).isEqualTo(1);
    }

    @Test
    void an_old_reading_is_not_shown_in_place_of_one_that_fails() {
        cached.get();
        time.pass(MAX_AGE.plusNanos(1));
        away = true;

        assertThatThrownBy(cached::get).hasMessage("away");
    }
}
