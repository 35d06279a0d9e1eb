package io.sluice.saas.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.gateway.Caller;
import io.sluice.gateway.StubVendors;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // the test framework fills the field
class RegionCheckTest {
    @Inject
    RegionCheck check;

    @AfterEach
    void forget() throws IOException {
        Caller.callWith("", "POST", "/sandbox/reset");
    }

    @Test
    void a_workspace_that_answers_for_its_region_is_right() throws Exception {
        assertThat(check.wrong("default")).isEmpty();
    }

    @Test
    void a_vendor_that_is_away_refuses_or_talks_nonsense_is_a_warning() throws Exception {
        assertThat(check.wrong("gone"))
                .hasValueSatisfying(what -> assertThat(what).contains("UNREACHABLE"));
        assertThat(check.wrong("stub"))
                .hasValueSatisfying(what -> assertThat(what).contains("answers 200"));
        Caller.callWith(
                "{\"vendor\":\"customerio\",\"operation\":\"region\",\"fault\":\"status\",\"status\":401}",
                "POST",
                "/sandbox/faults");
        assertThat(check.wrong("default")).contains("site-id and track-api-key are refused with 401");
    }

    @Test
    void another_region_is_a_warning_where_the_configured_one_picks_hosts() {
        ObjectNode eu = CustomerioJson.object().put("region", "eu");

        assertThat(RegionCheck.judge(account(Map.of()), 200, eu))
                .contains("region is configured as us, and Customer.io says eu: every call is redirected or fails");
        assertThat(RegionCheck.judge(account(Map.of("region", "eu")), 200, eu)).isEmpty();
        assertThat(RegionCheck.judge(account(Map.of("track-url", "http://localhost")), 200, eu))
                .isEmpty();
        assertThat(RegionCheck.judge(account(Map.of("track-url", "http://localhost", "app-api-key", "k")), 200, eu))
                .isPresent();
        assertThat(RegionCheck.judge(
                        account(Map.of()), 200, CustomerioJson.object().put("region", "a\nb")))
                .hasValueSatisfying(what -> assertThat(what).contains("something else"));
    }

    private static CustomerioConfig.Account account(Map<String, String> more) {
        Map<String, String> config = new HashMap<>();
        String key = "sluice.customerio.accounts.a.";
        config.put(key + "site-id", "s");
        config.put(key + "track-api-key", "k");
        more.forEach((name, value) -> config.put(key + name, value));
        return Objects.requireNonNull(new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(CustomerioConfig.class)
                .withDefaultValues(config)
                .build()
                .getConfigMapping(CustomerioConfig.class)
                .accounts()
                .get("a"));
    }
}
