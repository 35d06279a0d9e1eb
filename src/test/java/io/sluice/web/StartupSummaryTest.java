package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.sluice.gateway.Impatient;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Impatient.class)
class StartupSummaryTest {
    @Inject
    StartupSummary summary;

    @Test
    void names_and_limits_of_ones_own_are_told_and_no_secret() {
        assertThat(summary.text())
                .startsWith("Sluice ")
                .contains("mode=single roles=[facade, worker] store=sqlite data-dir=/")
                .contains("clerk[default, eu (instance 500 in 10s ", "fathom[default")
                .contains("teams=[bulk, dev (admin)", "hosts=[clerk.example=clerk@eu")
                .doesNotContain("secret");
    }
}
