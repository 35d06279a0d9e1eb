package io.sluice.saas.clari;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.LimitFeedback.Throttle;
import io.sluice.budget.Scope;
import io.sluice.call.Operation;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClariDialectTest {
    private static final Operation READ = Operation.read("read", "api");
    private static final Duration BACKOFF = Duration.ofSeconds(5);

    @ParameterizedTest
    @CsvSource({"429,4", "503,4"})
    void asks_everybody_to_stay_away_for_retry_after_and_a_second(int status, String retryAfter) {
        LimitFeedback answer = read(status, "Retry-After", retryAfter);

        assertThat(answer.readings()).isEmpty();
        assertThat(answer.throttle()).contains(new Throttle(Scope.LIMITS, Optional.of(Duration.ofSeconds(5)), BACKOFF));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-1"})
    void a_429_that_does_not_say_for_how_long_lasts_the_backoff(String retryAfter) {
        assertThat(read(429, "Retry-After", retryAfter).throttle())
                .contains(new Throttle(Scope.LIMITS, Optional.empty(), BACKOFF));
    }

    @ParameterizedTest
    @CsvSource({"503,soon", "503,''", "200,4", "500,4", "403,4"})
    void nothing_else_is_a_throttle(int status, String retryAfter) {
        assertThat(read(status, "Retry-After", retryAfter)).isEqualTo(LimitFeedback.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 429})
    void headers_that_clari_does_not_send_are_not_read(int status) {
        assertThat(read(status, "X-RateLimit-Remaining", "0").readings()).isEmpty();
    }

    private static LimitFeedback read(int status, String header, String value) {
        MultivaluedMap<String, Object> headers = new MultivaluedHashMap<>();
        headers.add(header, value);
        return new ClariDialect().read(READ, status, headers);
    }
}
