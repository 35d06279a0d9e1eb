package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitHeadersTest {
    private static final String DATE = "Sun, 22 Nov 2026 10:00:00 GMT"; // epoch 1795341600

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-1", "1.5", "1e3", "soon", "99999999999999999999", "0x10"})
    void what_is_no_whole_number_says_nothing(String value) {
        assertThat(headers("X", value).number("X")).isEmpty();
        assertThat(headers("X", value).seconds("X")).isEmpty();
        assertThat(headers("Y", value).number("X")).isEmpty();
    }

    @Test
    void a_number_may_have_blanks_around_it() {
        assertThat(headers("X", " 12 ").number("X")).hasValue(12);
    }

    @Test
    void seconds_to_go_are_believed_up_to_a_month() {
        assertThat(headers("X", "0").seconds("X")).contains(Duration.ZERO);
        assertThat(headers("X", "2678400").seconds("X")).contains(Duration.ofDays(31));
        assertThat(headers("X", "1795341660").seconds("X")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1795341660,60", "1795341600,0"})
    void an_epoch_counts_from_the_answers_own_date(String epoch, long seconds) {
        assertThat(headers("X", epoch, "Date", DATE).epoch("X")).contains(Duration.ofSeconds(seconds));
    }

    @Test
    void an_epoch_without_a_date_says_nothing() {
        assertThat(headers("X", "1795341660").epoch("X")).isEmpty();
        assertThat(headers("X", "1795341660", "Date", "now").epoch("X")).isEmpty();
        assertThat(headers("X", "1999999999", "Date", DATE).epoch("X")).isEmpty();
    }

    @Test
    void an_epoch_that_has_passed_says_nothing() {
        assertThat(headers("X", "1795341599", "Date", DATE).epoch("X")).isEmpty();
    }

    @Test
    void an_answer_that_a_cache_has_kept_says_nothing() {
        LimitHeaders kept = headers("X-Limit", "10", "X-Remaining", "0", "Age", "3");

        assertThat(kept.readings("api", "X", null)).isEmpty();
        assertThat(kept.usedUp("X")).isFalse();
    }

    @Test
    void a_reset_tells_when_to_come_back_if_nothing_is_left_until_then() {
        assertThat(headers("X-Remaining", "0").usedUp("X")).isTrue();
        assertThat(headers("Y", "1").usedUp("X")).as("it does not say").isTrue();
        assertThat(headers("X-Remaining", "1").usedUp("X")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|1", "7|8", "Sun, 22 Nov 2026 10:00:30 GMT|31", "Sun, 22 Nov 2026 09:00:00 GMT|1"})
    void retry_after_is_a_number_or_a_date_and_one_second_more(String value, long seconds) {
        assertThat(headers("Retry-After", value, "Date", DATE).retryAfter()).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-3", "tomorrow", "1795341660", "Sun, 22 Nov 2026", "Sun, 22 Nov 2027 10:00:00 GMT"})
    void a_retry_after_that_cannot_be_right_says_nothing(String value) {
        assertThat(headers("Retry-After", value, "Date", DATE).retryAfter()).isEmpty();
    }

    private static LimitHeaders headers(String... namesAndValues) {
        MultivaluedMap<String, Object> headers = new MultivaluedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new LimitHeaders(headers);
    }
}
