package io.sluice.saas.clerk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.call.Target;
import io.sluice.saas.Route;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClerkLimitsTest {
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    @ParameterizedTest
    @CsvSource({"sk_live_x, 1000", "sk_test_x, 100", "whatever, 100"})
    void the_keys_prefix_tells_the_documented_number(String key, int permits) {
        assertThat(limits(Map.of("secret-key", key)))
                .contains(Limit.Rate.window("instance", permits, TEN_SECONDS))
                .hasSize(8);
    }

    @ParameterizedTest
    @CsvSource({"free, 20, 40", "pro, 100, 200"})
    void a_plan_has_the_guides_number_and_burst_whatever_the_key(String plan, int permits, int burst) {
        for (String key : List.of("sk_live_x", "sk_test_x")) {
            assertThat(limits(Map.of("secret-key", key, "plan", plan)))
                    .contains(new Limit.Rate("instance", permits, TEN_SECONDS, Limiter.BUCKET, burst));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "user-update, 10, 10",
        "organization-update, 10, 10",
        "membership-update, 10, 10",
        "invitations, 100, 3600",
        "invitations-bulk, 25, 3600",
        "organization-invitations, 250, 3600",
        "organization-invitations-bulk, 50, 3600"
    })
    void the_special_limits_are_those_of_the_system_limits_page(String name, int permits, int seconds) {
        for (String plan : List.of("documented", "free", "pro")) {
            Limit.Rate limit = limits(Map.of("secret-key", "sk_live_x", "plan", plan)).stream()
                    .map(Limit.Rate.class::cast)
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElseThrow();

            assertThat(limit.permits()).isEqualTo(permits);
            assertThat(limit.window()).isEqualTo(Duration.ofSeconds(seconds));
            assertThat(limit.limiter()).isEqualTo(name.endsWith("update") ? Limiter.WINDOW : Limiter.FIXED);
        }
    }

    @Test
    void each_number_can_be_configured_and_the_rest_of_the_plan_stays() {
        List<Limit> limits = limits(Map.of(
                "secret-key",
                "sk_test_x",
                "plan",
                "pro",
                "limits.instance.permits",
                "300",
                "limits.invitations.permits",
                "7"));

        assertThat(limits).contains(new Limit.Rate("instance", 300, TEN_SECONDS, Limiter.BUCKET, 200));
        assertThat(limits)
                .anySatisfy(limit -> assertThat(limit).isInstanceOfSatisfying(Limit.Rate.class, rate -> {
                    assertThat(rate.name()).isEqualTo("invitations");
                    assertThat(rate.permits()).isEqualTo(7);
                }));
    }

    @ParameterizedTest
    @CsvSource({
        "PATCH, /v1/users/u1, user-update, user_id",
        "PUT, /v1/users/u1/metadata, user-update, user_id",
        "PATCH, /v1/organizations/o1/metadata, organization-update, organization_id",
        "PATCH, /v1/organizations/o1/memberships/u1, membership-update, organization_id user_id",
        "POST, /v1/invitations, invitations, ''",
        "POST, /v1/organizations/o1/invitations/bulk, organization-invitations-bulk, ''"
    })
    void calls_count_against_the_limit_of_what_they_change(String method, String path, String limit, String per) {
        Route.Match match = clerk().surfaces().getFirst().match(method, Target.parse(path));

        assertThat(match.operation().uses())
                .contains(new io.sluice.call.Operation.Use(
                        limit, per.isEmpty() ? List.of() : List.of(per.split(" ", -1))))
                .contains(new io.sluice.call.Operation.Use("instance", List.of()));
    }

    @Test
    void the_key_set_counts_against_nothing() {
        assertThat(clerk().surfaces()
                        .getFirst()
                        .match("GET", Target.parse("/v1/jwks"))
                        .operation()
                        .uses())
                .isEmpty();
    }

    private static List<Limit> limits(Map<String, String> account) {
        return Clerk.limits(config(account)).getOrDefault("default", List.of());
    }

    private static Clerk clerk() {
        ClerkApi api = (ClerkApi) java.lang.reflect.Proxy.newProxyInstance(
                ClerkApi.class.getClassLoader(), new Class<?>[] {ClerkApi.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("nothing is called here");
                });
        return new Clerk(config(Map.of("secret-key", "sk_test_x")), api);
    }

    private static ClerkConfig config(Map<String, String> account) {
        Map<String, String> values = new HashMap<>();
        account.forEach((key, value) -> values.put("sluice.clerk.accounts.default." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(ClerkConfig.class)
                .withDefaultValues(values)
                .build()
                .getConfigMapping(ClerkConfig.class);
    }
}
