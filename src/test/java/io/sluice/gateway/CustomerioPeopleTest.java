package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code POST /api/customerio/people}. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class CustomerioPeopleTest extends MountTest {
    @Test
    void people_are_identified_in_one_batch_and_each_has_a_result() throws IOException {
        stub.answers(answer(207, "{\"errors\":[{\"batch_index\":1,\"reason\":\"invalid\",\"message\":\"no\"}]}"));

        Caller.Reply reply =
                identify(new JsonArray().add(person("a")).add(person("b")).add(person("c")));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(new JsonObject(reply.body()).getJsonArray("results"))
                .isEqualTo(new JsonArray("[{\"id\":\"a\",\"success\":true},"
                        + "{\"id\":\"b\",\"success\":false,\"error\":\"invalid: no\",\"retry\":false},"
                        + "{\"id\":\"c\",\"success\":true}]"));
        JsonArray batch = new JsonObject(stub.only().body()).getJsonArray("batch");
        assertThat(batch).hasSize(3);
        assertThat(batch.getJsonObject(0).getLong("timestamp")).isPositive();
    }

    @Test
    void a_person_who_is_named_twice_is_identified_in_order() throws IOException {
        Caller.Reply reply = identify(new JsonArray().add(person("a")).add(person("a")));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.received()).hasSize(2);
    }

    @Test
    void more_than_a_thousand_are_delivered_later() throws Exception {
        JsonArray people = new JsonArray();
        for (int i = 0; i < 1_001; i++) {
            people.add(person("p" + i));
        }

        Caller.Reply reply = identify(people);

        assertThat(reply.status()).isEqualTo(202);
        String id = reply.header("Location").replace("/api/deliveries/", "");
        assertThat(Awaiting.delivered(id).getInteger("delivered")).isEqualTo(1_001);
    }

    @Test
    void what_cannot_be_right_is_refused() throws IOException {
        assertThat(identify(new JsonArray()).status()).isEqualTo(422);
        assertThat(identify(new JsonArray().add(person("x".repeat(151)))).status())
                .isEqualTo(422);
        assertThat(identify(new JsonArray().add(new JsonObject().put("id", "a")))
                        .status())
                .isEqualTo(422);
        assertThat(stub.received()).isEmpty();
    }

    private static JsonObject person(String id) {
        return new JsonObject().put("id", id).put("attributes", new JsonObject().put("plan", "pro"));
    }

    private static Caller.Reply identify(JsonArray people) throws IOException {
        return Caller.callWith(
                new JsonObject().put("account", "stub").put("people", people).encode(),
                "POST",
                "/api/customerio/people",
                Caller.DEV,
                "Content-Type: application/json");
    }
}
