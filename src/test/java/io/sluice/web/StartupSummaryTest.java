package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(StartupSummaryTest.Configured.class)
class StartupSummaryTest {
    /** More than the sandbox has. */
    public static final class Configured implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "sluice.clerk.accounts.eu.secret-key", "sk_live_secret",
                    "sluice.clerk.accounts.eu.limits.instance.permits", "500",
                    "sluice.clerk.accounts.eu.limits.user-update.permits", "10",
                    "sluice.hosts.\"clerk.example\"", "clerk@eu");
        }
    }

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
