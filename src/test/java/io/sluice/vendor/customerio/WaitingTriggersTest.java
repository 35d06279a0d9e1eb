package io.sluice.vendor.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.vendor.customerio.WaitingTriggers.Name;
import io.sluice.vendor.customerio.WaitingTriggers.Waiting;
import org.junit.jupiter.api.Test;

class WaitingTriggersTest {
    private static final Name ONE = new Name("7", "1");
    private static final Name TWO = new Name("7", "2");

    private final WaitingTriggers triggers = new WaitingTriggers();

    @Test
    void what_is_processed_no_longer_waits_whatever_is_heard_later() {
        triggers.waits(ONE, "red", 100);
        triggers.waits(TWO, "blue", 200);

        triggers.processed(ONE);
        triggers.waits(ONE, "blue", 300);

        assertThat(triggers.waiting()).containsExactly(new Waiting(TWO, "blue", 200));
    }

    @Test
    void what_waits_for_too_long_is_forgotten_and_told() {
        triggers.waits(ONE, "red", 100);
        triggers.waits(TWO, "red", 100);
        triggers.processed(TWO);

        assertThat(triggers.forget(99)).isEmpty();
        assertThat(triggers.forget(100)).containsExactly(ONE);
        assertThat(triggers.waiting()).isEmpty();
    }

    @Test
    void only_so_many_are_remembered() {
        for (int i = 0; i < 4_000; i++) {
            triggers.waits(new Name("7", Integer.toString(i)), "red", 100);
        }

        assertThat(triggers.waiting()).hasSize(3_600);
        assertThat(triggers.waiting().getFirst().name().id()).isEqualTo("400");
    }
}
