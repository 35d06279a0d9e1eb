package io.sluice.saas.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.LimitFeedback.Throttle;
import io.sluice.budget.Scope;
import io.sluice.budget.window.LimitReading;
import io.sluice.call.Operation;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomerioDialectTest {
    private static final String DATE = "Sun, 22 Nov 2026 10:00:00 GMT"; // epoch 1795341600
    private static final Operation TRACK = Operation.write("track-event", "track");
    private static final Operation BROADCAST = Operation.write("trigger-broadcast", "broadcast");

    @Test
    void a_429_without_any_header_lasts_a_second_and_ten_for_a_broadcast() {
        assertThat(read(TRACK, 429).throttle())
                .contains(new Throttle(Scope.LIMITS, Optional.empty(), Duration.ofSeconds(1)));
        assertThat(read(BROADCAST, 429).throttle())
                .contains(new Throttle(Scope.LIMITS, Optional.empty(), Duration.ofSeconds(10)));
    }

    @Test
    void a_reset_is_an_epoch_that_counts_from_the_answers_own_date() {
        LimitFeedback answer = read(
                TRACK,
                200,
                "Date",
                DATE,
                "X-RateLimit-Limit",
                "100",
                "X-RateLimit-Remaining",
                "0",
                "X-RateLimit-Reset",
                "1795341603");

        assertThat(answer.throttle()).isEmpty();
        assertThat(answer.readings())
                .containsExactly(new LimitReading(
                        "track", OptionalLong.of(100), OptionalLong.of(0), Optional.of(Duration.ofSeconds(3)), true));
    }

    @Test
    void a_429_lasts_as_retry_after_says_since_an_epoch_says_nothing_of_a_second() {
        assertThat(retryAfter(429, "Date", DATE, "X-RateLimit-Reset", "1795341603"))
                .isEmpty();
        assertThat(retryAfter(429, "Date", DATE, "X-RateLimit-Reset", "1795341603", "Retry-After", "9"))
                .contains(Duration.ofSeconds(10));
    }

    @Test
    void a_reset_without_a_readable_date_says_nothing() {
        assertThat(retryAfter(429, "X-RateLimit-Reset", "1795341603")).isEmpty();
        assertThat(retryAfter(429, "Date", "today", "X-RateLimit-Reset", "1795341603"))
                .isEmpty();
        assertThat(retryAfter(429, "Date", DATE, "X-RateLimit-Reset", "soon")).isEmpty();
    }

    @Test
    void a_503_is_a_throttle_only_with_a_retry_after() {
        assertThat(retryAfter(503, "Retry-After", "0")).contains(Duration.ofSeconds(1));
        assertThat(read(TRACK, 503, "Date", DATE, "X-RateLimit-Reset", "1795341603")
                        .throttle())
                .isEmpty();
        assertThat(read(TRACK, 503, "Retry-After", "soon").throttle()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"200", "400", "500", "502"})
    void other_answers_are_no_throttles(int status) {
        assertThat(read(TRACK, status, "Retry-After", "9").throttle()).isEmpty();
    }

    private static Optional<Duration> retryAfter(int status, String... namesAndValues) {
        return read(TRACK, status, namesAndValues).throttle().orElseThrow().retryAfter();
    }

    private static LimitFeedback read(Operation operation, int status, String... namesAndValues) {
        MultivaluedMap<String, Object> headers = new MultivaluedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new CustomerioDialect().read(operation, status, headers);
    }
}
