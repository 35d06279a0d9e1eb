package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.call.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RateLimitBackstopsTest {
    private static final Limit.Rate API = Limit.Rate.of("api", 5, Duration.ofSeconds(1));
    private static final Limit.Rate HOURLY = Limit.Rate.of("hourly", 100, Duration.ofHours(1));

    /** An interface of a vendor. */
    private interface OneApi {}

    /** Another one. */
    private interface OtherApi {}

    private static Map<String, String> backstops(Operation operation, List<List<Limit>> accounts) {
        return new RateLimitBackstops(
                        List.of(OneApi.class, OtherApi.class), List.of(operation), () -> numbered(accounts))
                .properties();
    }

    private static Map<String, List<Limit>> numbered(List<List<Limit>> accounts) {
        Map<String, List<Limit>> byName = new TreeMap<>();
        accounts.forEach(limits -> byName.put("account-" + byName.size(), limits));
        return byName;
    }

    @Test
    void each_method_gets_ten_times_what_its_limit_allows() {
        Map<String, String> backstops = backstops(Operation.read("read-many-users", "api"), List.of(List.of(API)));

        assertThat(backstops)
                .hasSize(6)
                .containsEntry(key(OneApi.class, "readManyUsers", "value"), "50")
                .containsEntry(key(OneApi.class, "readManyUsers", "window"), "1000")
                .containsEntry(key(OneApi.class, "readManyUsers", "window-unit"), "millis")
                .containsEntry(key(OtherApi.class, "readManyUsers", "value"), "50");
    }

    @Test
    void what_a_bucket_holds_comes_on_top() {
        Limit.Rate bucket = new Limit.Rate("api", 5, Duration.ofSeconds(1), Limiter.BUCKET, 20);

        assertThat(backstops(Operation.read("read", "api"), List.of(List.of(bucket))))
                .containsEntry(key(OneApi.class, "read", "value"), "250");
    }

    @Test
    void the_accounts_together_make_the_backstop_over_the_longest_window() {
        Limit.Rate tenSeconds = Limit.Rate.of("api", 100, Duration.ofSeconds(10));

        Map<String, String> backstops =
                backstops(Operation.read("read", "api"), List.of(List.of(API), List.of(tenSeconds)));

        assertThat(backstops)
                .containsEntry(key(OneApi.class, "read", "value"), Integer.toString((5 * 10 + 100) * 10))
                .containsEntry(key(OneApi.class, "read", "window"), "10000");
    }

    @Test
    void the_narrowest_of_several_limits_makes_the_backstop() {
        Map<String, String> backstops =
                backstops(Operation.write("invite", "api", "hourly"), List.of(List.of(API, HOURLY)));

        assertThat(backstops)
                .containsEntry(key(OneApi.class, "invite", "value"), "1000")
                .containsEntry(key(OneApi.class, "invite", "window"), "3600000");
    }

    @Test
    void limits_per_variable_in_flight_or_of_no_account_make_no_backstop() {
        List<List<Limit>> accounts = List.of(List.of(API, new Limit.Concurrency("jobs", 1)));

        assertThat(backstops(Operation.write("submit", "jobs"), accounts)).isEmpty();
        assertThat(backstops(Operation.write("update").andPer("api", "user_id"), accounts))
                .isEmpty();
        assertThat(backstops(Operation.read("jwks"), accounts)).isEmpty();
        assertThat(backstops(Operation.read("read", "unknown"), accounts)).isEmpty();
    }

    @Test
    void a_backstop_wider_than_an_int_is_as_wide_as_an_int() {
        Limit.Rate wide = Limit.Rate.of("api", Integer.MAX_VALUE, Duration.ofSeconds(1));

        assertThat(backstops(Operation.read("read", "api"), List.of(List.of(wide))))
                .containsEntry(key(OneApi.class, "read", "value"), Integer.toString(Integer.MAX_VALUE));
    }

    private static String key(Class<?> api, String method, String what) {
        return "quarkus.fault-tolerance.\"" + api.getName() + "$$CDIWrapper/" + method + "\".rate-limit." + what;
    }
}
