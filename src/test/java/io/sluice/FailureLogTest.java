package io.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.logging.Level;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FailureLogTest {
    private static final String CATEGORY = FailureLogTest.class.getName();

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(CATEGORY);

    private final FailureLog failures = new FailureLog(Logger.getLogger(CATEGORY));

    @Test
    void a_failure_is_told_when_it_begins_and_when_it_ends() {
        failures.succeeded("poll");
        for (int i = 0; i < 100; i++) {
            failures.failed("poll", () -> "no route");
        }
        assertThat(failures.isFailing("poll")).isTrue();
        failures.succeeded("poll");
        failures.succeeded("poll");

        assertThat(failures.isFailing("poll")).isFalse();
        assertThat(lines()).hasSize(2);
        assertThat(lines().getFirst()).contains("WARN").contains("poll failed").contains("no route");
        assertThat(lines().getLast()).contains("INFO").contains("poll works again after failures=100");
    }

    @Test
    void a_failure_that_comes_back_is_told_again() {
        failures.failed("poll", () -> "first");
        failures.succeeded("poll");
        failures.failed("poll", () -> "second");

        assertThat(lines()).hasSize(3);
        assertThat(lines().getLast()).contains("second");
    }

    @Test
    void each_name_fails_for_itself_and_a_bug_is_shown_whole_once() {
        failures.failed("one", () -> "a bug", new IllegalStateException("where it was"));
        failures.failed("one", () -> "a bug", new IllegalStateException("where it was"));
        failures.failed("two", () -> "no route");

        assertThat(lines()).hasSize(2);
        assertThat(lines().getFirst()).contains("ERROR").contains("one failed").contains("where it was");
        assertThat(lines().getLast()).contains("two failed");
    }

    private List<String> lines() {
        return log.records().stream()
                .filter(record -> record.getLevel().intValue() >= Level.INFO.intValue())
                .map(record -> record.getLevel() + " " + CapturedLog.message(record)
                        + (record.getThrown() == null
                                ? ""
                                : " " + record.getThrown().getMessage()))
                .toList();
    }
}
