package io.sluice.saas.clerk;

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

class ClerkDialectTest {
    private static final Operation INVITE = Operation.write("invite", "instance", "invitations");
    private static final Duration BACKOFF = Duration.ofSeconds(10);

    @ParameterizedTest
    @CsvSource({"429", "503"})
    void a_throttle_closes_the_operation_only(int status) {
        LimitFeedback answer = read(status, "Retry-After", "7");

        assertThat(answer.throttle())
                .contains(new Throttle(Scope.OPERATION, Optional.of(Duration.ofSeconds(8)), BACKOFF));
    }

    @Test
    void a_429_without_a_readable_retry_after_lasts_the_documented_window() {
        assertThat(read(429).throttle()).contains(new Throttle(Scope.OPERATION, Optional.empty(), BACKOFF));
        assertThat(read(429, "Retry-After", "later").throttle())
                .contains(new Throttle(Scope.OPERATION, Optional.empty(), BACKOFF));
    }

    @Test
    void the_reset_does_not_stand_in_for_retry_after() {
        // It is the instance's; the refusal may come from a smaller limit, as for invitations, that lasts an hour.
        assertThat(read(429, "X-RateLimit-Reset", "3").throttle().orElseThrow().retryAfter())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"200", "404", "500", "503"})
    void other_answers_without_retry_after_are_no_throttles(int status) {
        assertThat(read(status)).isEqualTo(LimitFeedback.NONE);
    }

    @Test
    void headers_tell_of_the_instance_with_the_reset_as_seconds_to_go() {
        LimitFeedback answer =
                read(200, "X-RateLimit-Limit", "1000", "X-RateLimit-Remaining", "12", "X-RateLimit-Reset", "4");

        assertThat(answer.throttle()).isEmpty();
        assertThat(answer.readings())
                .containsExactly(new LimitReading(
                        "instance", OptionalLong.of(1000), OptionalLong.of(12), Optional.of(Duration.ofSeconds(4))));
    }

    @Test
    void what_is_garbage_is_left_out() {
        assertThat(read(200, "X-RateLimit-Limit", "many", "X-RateLimit-Remaining", "3", "X-RateLimit-Reset", "-1")
                        .readings())
                .containsExactly(
                        new LimitReading("instance", OptionalLong.empty(), OptionalLong.of(3), Optional.empty()));
        assertThat(read(200, "X-RateLimit-Limit", "many", "X-RateLimit-Remaining", "")
                        .readings())
                .isEmpty();
        assertThat(read(200, "X-RateLimit-Reset", "4").readings()).isEmpty();
    }

    private static LimitFeedback read(int status, String... namesAndValues) {
        MultivaluedMap<String, Object> headers = new MultivaluedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new ClerkDialect().read(INVITE, status, headers);
    }
}
