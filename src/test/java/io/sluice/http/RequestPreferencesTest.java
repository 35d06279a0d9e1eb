package io.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Priority;
import io.vertx.core.MultiMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPreferencesTest {
    private record Waiting(Duration byDefault, Duration max, int maxRequeues, Duration beforeBroadcast)
            implements PermitWaitConfig {}

    private static final PermitWaitConfig CONFIG =
            new Waiting(Duration.ofSeconds(30), Duration.ofSeconds(300), 10, Duration.ofSeconds(2));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wait=5|5",
                "WAIT=5|5",
                "wait=\"7\"|7",
                " wait = 8 ; x=y|8",
                "respond-async, wait=9|9",
                "wait=0|0",
                "wait=100000|300",
                "wait=999999999|300"
            })
    void a_caller_says_how_long_it_waits(String prefer, long seconds) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Prefer", prefer);

        assertThat(RequestPreferences.maxWait(headers, CONFIG)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wait", "wait=", "wait=-1", "wait=soon", "waiting=5", "wait=1.5", "wait=9999999999"})
    void what_cannot_be_read_changes_nothing(String prefer) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Prefer", prefer);

        assertThat(RequestPreferences.maxWait(headers, CONFIG)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void the_first_of_several_headers_counts() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                .add("Prefer", "respond-async")
                .add("Prefer", "wait=2, wait=3");

        assertThat(RequestPreferences.maxWait(headers, CONFIG)).isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u=0|INTERACTIVE",
                "u=3|INTERACTIVE",
                "u=4|BULK",
                "i, u=7|BULK",
                "u=8|INTERACTIVE",
                "u=-1|INTERACTIVE",
                "x|INTERACTIVE"
            })
    void urgency_above_three_is_bulk(String value, Priority priority) {
        assertThat(RequestPreferences.priority(
                        MultiMap.caseInsensitiveMultiMap().add("Priority", value)))
                .isEqualTo(priority);
    }
}
