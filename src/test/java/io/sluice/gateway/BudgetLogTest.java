package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.RestoreReport;
import io.sluice.budget.RestoreReport.Cause;
import io.sluice.budget.RestoreReport.Clock;
import io.sluice.budget.RestoreReport.LimitUse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The line that tells at start what counts as used. */
class BudgetLogTest {
    @Test
    void tells_what_counts_as_used_and_why() {
        RestoreReport restored = new RestoreReport(
                "clerk/default",
                Cause.CRASHED,
                "it did not stop in order",
                Clock.BOOT,
                Duration.ofMillis(2_113),
                List.of(new LimitUse("invitations", 100, 5, 2, 1, 2), new LimitUse("instance", 100, 2, 0, 0, 2)));

        assertThat(BudgetLog.line(restored))
                .isEqualTo("budget restored: account=clerk/default cause=crashed age_ms=2113 clock=boot"
                        + " invitations.used=5/100 invitations.ended=2 invitations.open=1 invitations.reserved=2"
                        + " instance.used=2/100 instance.ended=0 instance.open=0 instance.reserved=2"
                        + " reason=\"it did not stop in order\"");
    }

    @Test
    void tells_no_age_where_there_is_none() {
        RestoreReport restored = new RestoreReport(
                "clerk/default", Cause.FIRST_START, "nothing was saved before", Clock.NONE, Duration.ZERO, List.of());

        assertThat(BudgetLog.line(restored))
                .isEqualTo(
                        "budget restored: account=clerk/default cause=first-start reason=\"nothing was saved before\"");
    }
}
