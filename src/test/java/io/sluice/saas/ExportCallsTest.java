package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.sluice.saas.ExportCalls.JsonResponse;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExportCallsTest {
    private static final Instant ORDERED = Instant.parse("2026-02-03T04:05:06Z");

    private static JsonResponse answer(@Nullable Instant date, Instant read) {
        return new JsonResponse(200, MissingNode.getInstance(), date, read);
    }

    @Test
    void a_time_of_ours_is_the_vendors_however_far_the_clocks_are_apart() {
        JsonResponse behind = answer(ORDERED.minusSeconds(3_570), ORDERED.plusSeconds(30));

        assertThat(behind.atVendor(ORDERED)).isEqualTo(ORDERED.minusSeconds(3_600));
    }

    @Test
    void a_time_of_ours_is_not_later_there_however_long_the_call_waited_and_its_answer_took() {
        Instant answered = ORDERED.plusSeconds(95);
        JsonResponse late = answer(answered, answered.plusSeconds(2));

        assertThat(late.atVendor(ORDERED)).isEqualTo(ORDERED.minusSeconds(2));
    }

    @Test
    void a_vendor_that_tells_no_time_has_ours() {
        assertThat(answer(null, ORDERED.plusSeconds(30)).atVendor(ORDERED)).isEqualTo(ORDERED);
    }
}
