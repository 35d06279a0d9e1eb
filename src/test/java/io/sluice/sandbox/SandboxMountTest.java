package io.sluice.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SandboxMountTest {
    @Test
    void outside_of_the_profiles_for_it_there_is_a_warning_that_names_the_key() {
        assertThat(SandboxMount.warning(List.of("prod")))
                .hasValueSatisfying(
                        warning -> assertThat(warning).contains("sluice.sandbox.enabled=true", "profiles=[prod]"));
        assertThat(SandboxMount.warning(List.of("sandbox"))).isEmpty();
        assertThat(SandboxMount.warning(List.of("dev", "eu"))).isEmpty();
        assertThat(SandboxMount.warning(List.of("test", "sandbox"))).isEmpty();
    }
}
