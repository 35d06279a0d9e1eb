package io.sluice.budget.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tags of flows, against what fair shares are by definition. */
class StartTimeTagsTest {
    @Test
    void flows_that_wait_are_served_in_proportion_to_their_weights() {
        int[] weights = {1, 2, 5};
        long[] finish = new long[weights.length];
        int[] served = new int[weights.length];

        long virtualTime = 0;
        for (int turn = 0; turn < 8_000; turn++) {
            int next = 0;
            for (int flow = 1; flow < weights.length; flow++) {
                next = finish[flow] < finish[next] ? flow : next;
            }
            virtualTime = StartTimeTags.start(finish[next], virtualTime);
            finish[next] = virtualTime + StartTimeTags.share(1, weights[next]);
            served[next]++;
        }

        for (int flow = 0; flow < weights.length; flow++) {
            assertThat(served[flow])
                    .as("served %s", Arrays.toString(served))
                    .isBetween(weights[flow] * 1_000 - 2, weights[flow] * 1_000 + 2);
        }
    }

    @Test
    void a_flow_that_rested_saves_nothing_up() {
        assertThat(StartTimeTags.start(10L, 50L)).isEqualTo(50L);
        assertThat(StartTimeTags.start(60L, 50L)).isEqualTo(60L);
        assertThat(StartTimeTags.start(0.5, 2.25)).isEqualTo(2.25);
    }

    @Test
    void an_item_pushes_its_flow_on_by_its_cost_over_the_weight_and_by_something_in_any_case() {
        assertThat(StartTimeTags.share(1, 1)).isEqualTo(StartTimeTags.SCALE);
        assertThat(StartTimeTags.share(6, 4)).isEqualTo(StartTimeTags.SCALE * 3 / 2);
        assertThat(StartTimeTags.share(1, Integer.MAX_VALUE)).isOne();
        assertThat(StartTimeTags.share(0, 3)).isOne();
    }
}
