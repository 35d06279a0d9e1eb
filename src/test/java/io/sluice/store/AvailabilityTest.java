package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
    private final List<String> told = new ArrayList<>();
    private final Availability availability = new Availability(new Availability.Listener() {
        @Override
        public void answers(boolean before) {
            told.add(before ? "answers again" : "answers");
        }

        @Override
        public void isAway(boolean before, String why) {
            told.add((before ? "is away: " : "does not answer yet: ") + why);
        }
    });

    @Test
    void changes_are_told_and_tries_are_not() {
        availability.isAway(new SQLTransientConnectionException("refused"));
        availability.isAway(new SQLTransientConnectionException("refused"));
        availability.answers();
        availability.answers();
        availability.isAway(new SQLTransientConnectionException("reset"));
        availability.isAway(new SQLTransientConnectionException("refused"));
        availability.answers();

        assertThat(told).containsExactly("does not answer yet: refused", "answers", "is away: reset", "answers again");
    }

    @Test
    void one_that_answers_from_the_start_is_told_once() {
        availability.answers();
        availability.answers();

        assertThat(told).containsExactly("answers");
    }
}
