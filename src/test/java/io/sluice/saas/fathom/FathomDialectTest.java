package io.sluice.saas.fathom;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.window.LimitReading;
import io.sluice.call.Operation;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FathomDialectTest {
    private static final Operation HEAVY = Operation.read("read-heavy", "account", "heavy");

    @Test
    void headers_name_no_limit_and_tell_the_reset_as_seconds_to_go() {
        MultivaluedMap<String, Object> headers = new MultivaluedHashMap<>();
        headers.add("RateLimit-Limit", "5");
        headers.add("RateLimit-Remaining", "0");
        headers.add("RateLimit-Reset", "12");

        LimitFeedback answer = new FathomDialect().read(HEAVY, 200, headers);

        assertThat(answer.throttle()).isEmpty();
        assertThat(answer.readings()).singleElement().satisfies(reading -> {
            assertThat(reading.limit()).isEqualTo(LimitReading.UNNAMED);
            assertThat(reading.permits()).isEqualTo(OptionalLong.of(5));
            assertThat(reading.remaining()).isEqualTo(OptionalLong.of(0));
            assertThat(reading.resetIn()).contains(Duration.ofSeconds(12));
        });
    }

    @Test
    void a_throttle_without_retry_after_lasts_until_the_reset() {
        MultivaluedMap<String, Object> headers = new MultivaluedHashMap<>();
        headers.add("RateLimit-Reset", "12");

        assertThat(new FathomDialect().read(HEAVY, 429, headers).throttle())
                .hasValueSatisfying(
                        throttle -> assertThat(throttle.retryAfter()).contains(Duration.ofSeconds(13)));
    }

    @Test
    void a_throttle_without_any_header_lasts_a_window() {
        assertThat(new FathomDialect()
                        .read(HEAVY, 429, new MultivaluedHashMap<>())
                        .throttle())
                .hasValueSatisfying(throttle -> {
                    assertThat(throttle.retryAfter()).isEmpty();
                    assertThat(throttle.backoff()).isEqualTo(Duration.ofSeconds(60));
                });
    }

    @Test
    void a_503_is_a_throttle_only_with_a_retry_after() {
        MultivaluedMap<String, Object> reset = new MultivaluedHashMap<>();
        reset.add("RateLimit-Reset", "12");
        MultivaluedMap<String, Object> retryAfter = new MultivaluedHashMap<>(reset);
        retryAfter.add("Retry-After", "3");

        assertThat(new FathomDialect().read(HEAVY, 503, reset).throttle()).isEmpty();
        assertThat(new FathomDialect().read(HEAVY, 503, retryAfter).throttle())
                .hasValueSatisfying(
                        throttle -> assertThat(throttle.retryAfter()).contains(Duration.ofSeconds(4)));
    }

    @Test
    void headers_that_are_garbage_say_nothing() {
        MultivaluedMap<String, Object> headers = new MultivaluedHashMap<>();
        headers.add("RateLimit-Limit", "60, 30");
        headers.add("RateLimit-Remaining", "-1");
        headers.add("RateLimit-Reset", "1795341600");

        assertThat(new FathomDialect().read(HEAVY, 200, headers)).isEqualTo(LimitFeedback.NONE);
    }
}
