package io.sluice.saas.clerk;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.window.Limit;
import io.sluice.cache.ResponseCache;
import io.sluice.gateway.Caller;
import io.sluice.gateway.StubVendors;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Many users at once, from the sandbox's Clerk. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class ClerkUsersResourceTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String LINES = "Accept: application/x-ndjson";
    private static final String LOOKUP = "/api/clerk/users/lookup";

    @Inject
    Budget budget;

    @Inject
    ResponseCache cache;

    @BeforeEach
    void begin() throws IOException {
        Caller.call("POST", "/sandbox/reset");
        Caller.callWith("{\"permits\":1000000}", "PUT", "/sandbox/limits/clerk/instance", JSON);
        cache.invalidateAll(new AccountId("clerk", "default"));
        budget.change("clerk/default", Limit.Rate.of("instance", 100_000, Duration.ofSeconds(1)));
    }

    @AfterEach
    void end() throws IOException {
        budget.resume("clerk/default");
        budget.change("clerk/default", Limit.Rate.of("instance", 100, Duration.ofSeconds(10)));
        Caller.call("POST", "/sandbox/reset");
    }

    @Test
    void each_id_has_its_result_in_order_and_kept_ones_are_free() throws IOException {
        String ids = "[\"user_sandbox_2\",\"user_nobody\",\"user_sandbox_1\",\"user_sandbox_2\",\"-user_sandbox_3\"]";

        JsonArray results = lookup(ids);

        assertThat(ids(results)).isEqualTo(new JsonArray(ids).getList());
        assertThat(results.getJsonObject(0).getJsonObject("user").getString("external_id"))
                .isEqualTo("ext-2");
        assertThat(results.getJsonObject(3)).isEqualTo(results.getJsonObject(0));
        assertThat(type(results, 1)).isEqualTo("urn:sluice:problem:not-found");
        assertThat(type(results, 4)).isEqualTo("urn:sluice:problem:invalid");
        assertThat(requests()).hasSize(1);

        lookup("[\"user_sandbox_1\",\"user_sandbox_2\"]");
        assertThat(Caller.call("GET", "/clerk/v1/users/user_sandbox_1", Caller.DEV)
                        .header("Cache-Status"))
                .contains("hit");
        assertThat(requests()).hasSize(1);
    }

    @Test
    void ten_thousand_ids_are_a_hundred_calls() throws IOException {
        JsonArray ids = new JsonArray();
        for (int i = 0; i < 10_000; i++) {
            ids.add("user_x" + i);
        }

        Caller.Reply reply = Caller.callWith("{\"ids\":" + ids + "}", "POST", LOOKUP, Caller.DEV, JSON, LINES);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(reply.body().lines()).hasSize(10_000);
        assertThat(new JsonObject(reply.body().lines().findFirst().orElseThrow()).getString("id"))
                .isEqualTo("user_x0");
        assertThat(report().getJsonObject("calls").getJsonObject("list-users").getInteger("200"))
                .isEqualTo(100);
    }

    @Test
    void what_cannot_be_asked_is_said_of_each_id() throws IOException {
        budget.pause("clerk/default");

        Caller.Reply reply =
                Caller.callWith("{\"ids\":[\"user_sandbox_1\"]}", "POST", LOOKUP, Caller.DEV, JSON, "Prefer: wait=0");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(type(new JsonObject(reply.body()).getJsonArray("results"), 0))
                .isEqualTo("urn:sluice:problem:too-many-requests");
    }

    @Test
    void a_problem_names_the_limit_who_is_ahead_and_when_it_would_go() throws IOException {
        budget.change("clerk/default", Limit.Rate.of("instance", 1, Duration.ofMinutes(10)));
        Caller.callWith("{\"ids\":[\"user_y1\"]}", "POST", LOOKUP, Caller.DEV, JSON, "Prefer: wait=0");

        Caller.Reply reply =
                Caller.callWith("{\"ids\":[\"user_y2\"]}", "POST", LOOKUP, Caller.DEV, JSON, "Prefer: wait=0");

        JsonObject problem = new JsonObject(reply.body())
                .getJsonArray("results")
                .getJsonObject(0)
                .getJsonObject("error");
        assertThat(problem.getString("type")).isEqualTo("urn:sluice:problem:too-many-requests");
        assertThat(problem.getString("detail")).contains("limit instance: 0 calls are ahead, it would go in ");
        assertThat(problem.getString("limit")).isEqualTo("instance");
        assertThat(problem.getLong("calls_ahead")).isZero();
        assertThat(problem.getLong("retry_after_ms")).isPositive();
    }

    @Test
    void requests_that_cannot_be_met_are_problems() throws IOException {
        assertThat(status("{\"ids\":[]}")).isEqualTo(422);
        assertThat(status("{\"ids\":[\"\"]}")).isEqualTo(422);
        assertThat(status("{\"ids\":[" + "\"user_1\",".repeat(10_000) + "\"user_1\"]}"))
                .isEqualTo(422);
        assertThat(status("{}")).isEqualTo(422);
        assertThat(status("{\"ids\":[\"user_1\"],\"account\":\"nobody\"}")).isEqualTo(404);
        assertThat(status("{\"id\":[\"user_1\"]}")).isEqualTo(400);
        assertThat(Caller.callWith("{\"ids\":[\"user_1\"]}", "POST", LOOKUP, JSON)
                        .status())
                .isEqualTo(401);
        assertThat(Caller.call("GET", "/api/clerk/users?offset=3", Caller.DEV).status())
                .isEqualTo(422);
    }

    @Test
    void all_users_come_one_a_line_and_the_list_goes_on_where_it_ended() throws IOException {
        List<String> all = list("");

        assertThat(all).containsExactly("user_sandbox_1", "user_sandbox_2", "user_sandbox_3");
        assertThat(list("?starting_after=" + all.getFirst())).containsExactly("user_sandbox_2", "user_sandbox_3");
        assertThat(list("?external_id=ext-2&external_id=ext-3&order_by=-created_at"))
                .containsExactly("user_sandbox_3", "user_sandbox_2");
        assertThat(list("?order_by=-last_name")).containsExactly("user_sandbox_3", "user_sandbox_2", "user_sandbox_1");
    }

    @Test
    void a_list_that_cannot_begin_is_a_problem() throws IOException {
        Caller.Reply refused = Caller.call("GET", "/api/clerk/users?starting_after=user_nobody", Caller.DEV);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(new JsonObject(refused.body()).getString("type")).isEqualTo("urn:sluice:problem:vendor-refused");
        assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
    }

    private static List<String> list(String query) throws IOException {
        Caller.Reply reply = Caller.call("GET", "/api/clerk/users" + query, Caller.DEV);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        List<String> ids = new ArrayList<>();
        reply.body().lines().forEach(line -> ids.add(new JsonObject(line).getString("id")));
        return ids;
    }

    private static int status(String body) throws IOException {
        Caller.Reply reply = Caller.callWith(body, "POST", LOOKUP, Caller.DEV, JSON);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        return reply.status();
    }

    private static JsonArray lookup(String ids) throws IOException {
        Caller.Reply reply = Caller.callWith("{\"ids\":" + ids + "}", "POST", LOOKUP, Caller.DEV, JSON);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return new JsonObject(reply.body()).getJsonArray("results");
    }

    private static List<String> ids(JsonArray results) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            ids.add(results.getJsonObject(i).getString("id"));
        }
        return ids;
    }

    private static String type(JsonArray results, int index) {
        return results.getJsonObject(index).getJsonObject("error").getString("type");
    }

    private static JsonArray requests() throws IOException {
        return new JsonArray(
                Caller.call("GET", "/sandbox/requests?vendor=clerk").body());
    }

    private static JsonObject report() throws IOException {
        return new JsonObject(Caller.call("GET", "/sandbox/report/clerk").body());
    }
}
