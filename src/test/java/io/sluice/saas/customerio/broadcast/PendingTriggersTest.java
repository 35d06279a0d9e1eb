package io.sluice.saas.customerio.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.saas.customerio.broadcast.PendingTriggers.PendingTrigger;
import io.sluice.saas.customerio.broadcast.PendingTriggers.TriggerId;
import org.junit.jupiter.api.Test;

class PendingTriggersTest {
    private static final TriggerId ONE = new TriggerId("7", "1");
    private static final TriggerId TWO = new TriggerId("7", "2");

    private final PendingTriggers triggers = new PendingTriggers();

    @Test
    void what_is_processed_no_longer_waits_whatever_is_heard_later() {
        triggers.addPending(ONE, "red", 100);
        triggers.addPending(TWO, "blue", 200);

        triggers.processed(ONE);
        triggers.addPending(ONE, "blue", 300);

        assertThat(triggers.pending()).containsExactly(new PendingTrigger(TWO, "blue", 200));
    }

    @Test
    void what_waits_for_too_long_is_forgotten_and_told() {
        triggers.addPending(ONE, "red", 100);
        triggers.addPending(TWO, "red", 100);
        triggers.processed(TWO);

        assertThat(triggers.forget(99)).isEmpty();
        assertThat(triggers.forget(100)).containsExactly(ONE);
        assertThat(triggers.pending()).isEmpty();
    }

    @Test
    void only_so_many_are_remembered() {
        for (int i = 0; i < 4_000; i++) {
            triggers.addPending(new TriggerId("7", Integer.toString(i)), "red", 100);
        }

        assertThat(triggers.pending()).hasSize(3_600);
        assertThat(triggers.pending().getFirst().name().id()).isEqualTo("400");
    }
}
