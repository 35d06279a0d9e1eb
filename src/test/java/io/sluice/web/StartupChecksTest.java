package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.InvalidConfigException;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.window.Limit;
import io.sluice.call.Operation;
import io.sluice.saas.ErrorShape;
import io.sluice.saas.OperationConfig;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartupChecksTest {
    private record Configured(Map<String, OperationConfig> operations) implements Vendor {
        @Override
        public String name() {
            return "clerk";
        }

        @Override
        public List<Surface> surfaces() {
            Route route =
                    Route.anyRead(Operation.read("read"), _ -> Response.ok().build());
            return List.of(new Surface(
                    "clerk",
                    "clerk",
                    Map.of(),
                    List.of(route),
                    (_, _, _) -> LimitFeedback.NONE,
                    (refusal, _) -> new ErrorShape.Body("text/plain", refusal.message())));
        }

        @Override
        public Map<String, List<Limit>> limits() {
            return Map.of();
        }

        @Override
        public Map<String, List<Limit>> documentedLimits() {
            return limits();
        }
    }

    /** SmallRye Config takes an optional value for absent then: a limit would silently be the default. */
    @Test
    void an_optional_value_that_names_an_unset_variable_is_a_mistake() {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(
                        Map.of(
                                "sluice.clerk.accounts.default.limits.instance.permits", "${NOT_SET}",
                                "sluice.store", "${IS_SET}",
                                "sluice.roles", "${ABSENT:gateway}",
                                "IS_SET", "sqlite",
                                "other.key", "${NOT_SET_EITHER}"),
                        "a file",
                        100))
                .build();

        assertThat(StartupChecks.unsetVariables(config))
                .containsExactly(Map.entry("sluice.clerk.accounts.default.limits.instance.permits", "NOT_SET"));
    }

    @Test
    void an_operation_that_does_not_exist_is_named_with_those_that_do() {
        assertThatThrownBy(() -> StartupChecks.checkOperations(timeout("raed", Duration.ofSeconds(1))))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("sluice.clerk.operations.raed")
                .hasMessageContaining("there are [read]");
    }

    @Test
    void a_time_that_is_over_before_it_begins_is_refused() {
        assertThatThrownBy(() -> StartupChecks.checkOperations(timeout("read", Duration.ZERO)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("sluice.clerk.operations.read.call-timeout");
        assertThatCode(() -> StartupChecks.checkOperations(timeout("read", Duration.ofMillis(1))))
                .doesNotThrowAnyException();
    }

    private static Vendor timeout(String operation, Duration timeout) {
        return new Configured(Map.of(operation, () -> Optional.of(timeout)));
    }
}
