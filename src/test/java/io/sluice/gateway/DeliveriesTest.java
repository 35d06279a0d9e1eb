package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.arc.All;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.AccountId;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.delivery.ClaimedMessage;
import io.sluice.delivery.Destination;
import io.sluice.delivery.MessageSender;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Calls that are accepted now and made later. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@SuppressWarnings("NullAway.Init") // injected
class DeliveriesTest extends MountTest {
    private static final String ASYNC = "Prefer: respond-async";
    private static final String JSON = "Content-Type: application/json";
    private static final String TRACK = "/customerio@stub/track";

    @Inject
    @All
    List<MessageSender> senders;

    @Test
    void an_identify_is_stored_answered_and_delivered_in_the_words_of_version_2() throws Exception {
        Caller.Reply reply = Caller.callWith(
                "{\"plan\":\"pro\",\"_timestamp\":1767225600,\"price\":1.50}",
                "PUT",
                TRACK + "/api/v1/customers/a%C3%A9@example.com",
                Caller.DEV,
                ASYNC,
                JSON);

        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.header("Preference-Applied")).isEqualTo("respond-async");
        String id = reply.header("Location").replace("/api/deliveries/", "");
        JsonObject delivered = Awaiting.delivered(id);
        assertThat(delivered.getString("state")).isEqualTo("delivered");
        assertThat(delivered.getString("team")).isEqualTo("dev");
        assertThat(stub.only().target()).isEqualTo("/base/api/v2/batch");
        assertThat(stub.only().body())
                .isEqualTo("{\"batch\":[{\"type\":\"person\",\"identifiers\":{\"email\":\"a\u00e9@example.com\"},"
                        + "\"action\":\"identify\",\"attributes\":{\"plan\":\"pro\",\"price\":1.50},"
                        + "\"timestamp\":1767225600}]}");
    }

    @Test
    void a_worker_whose_lease_runs_out_sends_nothing_more() throws Exception {
        for (String destination : List.of("track", "pipelines")) {
            stub.reset();
            stub.answers(answer(429, "", "Retry-After: 1"));
            MessageSender sender = senders.stream()
                    .filter(one -> one.destination().equals(destination))
                    .findFirst()
                    .orElseThrow();
            ClaimedMessage message = new ClaimedMessage(
                    1,
                    1,
                    1,
                    "dlv_1",
                    0,
                    "entity",
                    "identify",
                    "{\"type\":\"person\"}",
                    0,
                    Long.MAX_VALUE,
                    0,
                    false,
                    null);
            AtomicInteger looks = new AtomicInteger();

            // Looked at twice before the first attempt: before there is a permit, and where it is spent.
            assertThatThrownBy(() -> sender.deliver(
                            new Destination(new AccountId("customerio", "stub"), destination),
                            "dev",
                            Duration.ofSeconds(10),
                            () -> looks.incrementAndGet() <= 2,
                            List.of(message)))
                    .isInstanceOf(CallAbandonedException.class);
            assertThat(stub.only().method()).as(destination).isEqualTo("POST");
        }
    }

    @Test
    void what_is_paused_is_accepted_and_delivered_once_it_goes_on_in_every_process() throws Exception {
        String id;
        try {
            assertThat(told("pause").status()).isEqualTo(200);
            id = accepted("{}", "PUT", "/api/v1/customers/paused");
            Caller.Reply atOnce = Caller.callWith("{}", "PUT", TRACK + "/api/v1/customers/paused", Caller.DEV, JSON);

            assertThat(atOnce.status()).isEqualTo(200);
            assertThat(stub.only().target()).isEqualTo("/base/api/v1/customers/paused");
            JsonObject shown = shown("dev");
            assertThat(shown.getBoolean("paused")).isTrue();
            assertThat(shown.getBoolean("draining")).isFalse();
            assertThat(shown.getLong("pending")).isEqualTo(1);
            String where =
                    "{account=\"stub\",channel=\"track\",mp_scope=\"application\",team=\"dev\",vendor=\"customerio\"}";
            String metrics = Awaiting.metrics("sluice_delivery_pending" + where + " 1.0");
            assertThat(metrics)
                    .contains("sluice_delivery_dead" + where)
                    .contains("sluice_delivery_in_flight" + where)
                    .contains("sluice_delivery_oldest_age_seconds" + where);
        } finally {
            told("resume");
        }

        assertThat(Awaiting.delivered(id).getString("state")).isEqualTo("delivered");
        assertThat(Management.metrics())
                .containsPattern("sluice_delivery_messages_total\\{account=\"stub\",channel=\"track\","
                        + "mp_scope=\"application\",result=\"delivered\",team=\"dev\"")
                .containsPattern("sluice_delivery_batch_size_(sum|max|count)\\{account=\"stub\"");
    }

    @Test
    void what_is_drained_is_delivered_and_nothing_more_is_accepted() throws Exception {
        budget.pause("customerio/stub");
        try {
            String id = accepted("{}", "PUT", "/api/v1/customers/drained");
            told("drain");
            Caller.Reply more =
                    Caller.callWith("{}", "PUT", TRACK + "/api/v1/customers/drained", Caller.DEV, JSON, ASYNC);

            assertThat(more.status()).isEqualTo(429);
            assertThat(more.header("Retry-After")).isEqualTo("60");
            assertThat(more.body()).contains("drained");
            assertThat(shown("dev").getBoolean("draining")).isTrue();
            budget.resume("customerio/stub");
            assertThat(Awaiting.delivered(id).getString("state")).isEqualTo("delivered");
            assertThat(shown("dev").getLong("pending")).isZero();
        } finally {
            budget.resume("customerio/stub");
            told("resume");
        }

        assertThat(shown("dev").getBoolean("draining")).isFalse();
        Awaiting.delivered(accepted("{}", "PUT", "/api/v1/customers/drained"));
    }

    @Test
    void only_admins_pause_and_drain_and_only_accounts_that_there_are() throws IOException {
        assertThat(Caller.call("POST", "/api/deliveries/queues/customerio/stub/drain", Caller.BULK)
                        .status())
                .isEqualTo(403);
        assertThat(Caller.call("POST", "/api/deliveries/queues/customerio/nobody/drain", Caller.DEV)
                        .status())
                .isEqualTo(404);
    }

    private static Caller.Reply told(String what) throws IOException {
        return Caller.call("POST", "/api/deliveries/queues/customerio/stub/" + what, Caller.DEV);
    }

    private static JsonObject shown(String team) throws IOException {
        return new JsonArray(
                        Caller.call("GET", "/api/deliveries/queues", Caller.DEV).body())
                .stream()
                        .map(JsonObject.class::cast)
                        .filter(queue -> queue.getString("account").equals("stub")
                                && queue.getString("channel").equals("track")
                                && queue.getString("team").equals(team))
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void an_event_gets_an_id_and_the_time_of_its_acceptance_and_keeps_them_over_retries() throws Exception {
        stub.answers(answer(503, ""), StubVendor.lost());

        String id = accepted("{\"name\":\"purchase\",\"data\":{\"total\":12}}", "POST", "/api/v1/customers/42/events");

        Awaiting.delivered(id);
        List<StubVendor.Received> tries = stub.received();
        assertThat(tries).hasSize(3);
        assertThat(tries)
                .extracting(StubVendor.Received::body)
                .containsOnly(tries.getFirst().body());
        JsonObject event =
                new JsonObject(tries.getFirst().body()).getJsonArray("batch").getJsonObject(0);
        assertThat(event.getString("id")).matches("[0-9A-Z]{26}");
        assertThat(event.getLong("timestamp")).isPositive();
        assertThat(event.getString("name")).isEqualTo("purchase");
        assertThat(event.getJsonObject("attributes").getInteger("total")).isEqualTo(12);
    }

    @Test
    void what_a_207_lists_dies_or_is_tried_again_by_its_reason_and_the_others_are_delivered() throws Exception {
        stub.answers(answer(
                207,
                "{\"errors\":[{\"batch_index\":0,\"reason\":\"invalid\",\"field\":\"name\",\"message\":\"too long\"},"
                        + "{\"batch_index\":2,\"reason\":\"rate_limited\"}]}"));

        String id = accepted(batch("a", "b", "c"), "POST", "/api/v2/batch");

        JsonObject delivery = Awaiting.delivered(id);
        assertThat(delivery.getString("state")).isEqualTo("partly-dead");
        assertThat(delivery.getInteger("delivered")).isEqualTo(2);
        JsonObject dead = delivery.getJsonArray("dead_letters").getJsonObject(0);
        assertThat(dead.getInteger("position")).isZero();
        assertThat(dead.getString("reason")).isEqualTo("invalid (name): too long");
        assertThat(people(1)).containsExactly("c");
    }

    @Test
    void a_batch_that_is_refused_is_split_until_the_bad_one_is_found() throws Exception {
        StubVendor.Answer bad = answer(400, "{\"errors\":[{\"reason\":\"invalid\",\"message\":\"no\"}]}");
        StubVendor.Answer good = answer(200, "{}");
        stub.answers(bad, good, bad, good, bad);

        String id = accepted(batch("a", "b", "c", "d"), "POST", "/api/v2/batch");

        JsonObject delivery = Awaiting.delivered(id);
        assertThat(delivery.getInteger("delivered")).isEqualTo(3);
        assertThat(delivery.getInteger("dead")).isOne();
        assertThat(List.of(people(0), people(1), people(2), people(3), people(4)))
                .containsExactly(
                        List.of("a", "b", "c", "d"), List.of("a", "b"), List.of("c", "d"), List.of("c"), List.of("d"));
    }

    @Test
    void what_is_too_large_is_refused_before_it_is_stored() throws IOException {
        String large =
                "{\"type\":\"person\",\"identifiers\":{\"id\":\"1\"},\"action\":\"identify\",\"attributes\":{\"a\":\""
                        + "x".repeat(33_000) + "\"}}";

        Caller.Reply reply = Caller.callWith(large, "POST", TRACK + "/api/v2/entity", Caller.DEV, ASYNC, JSON);

        assertThat(reply.status()).isEqualTo(413);
        assertThat(new JsonObject(reply.body())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("message"))
                .contains("32768");
        assertThat(stub.received()).isEmpty();
    }

    @Test
    void an_event_too_large_for_version_2_goes_alone_as_it_came_but_with_an_id() throws Exception {
        String data = "{\"text\":\"" + "x".repeat(40_000) + "\"}";

        Awaiting.delivered(accepted("{\"name\":\"n\",\"data\":" + data + "}", "POST", "/api/v1/customers/42/events"));

        assertThat(stub.only().target()).isEqualTo("/base/api/v1/customers/42/events");
        assertThat(new JsonObject(stub.only().body()).getString("id")).hasSize(26);
        assertThat(new JsonObject(stub.only().body()).getJsonObject("data")).isEqualTo(new JsonObject(data));
    }

    @Test
    void what_is_no_json_is_made_at_once_so_that_the_vendor_says_what_is_wrong() throws IOException {
        StubVendor.Answer malformed = answer(400, "{\"meta\":{\"errors\":[\"malformed\"]}}", JSON);
        stub.always("PUT", "/base/api/v1/customers/42", malformed);

        Caller.Reply reply = Caller.callWith("{", "PUT", TRACK + "/api/v1/customers/42", Caller.DEV, ASYNC, JSON);

        assertThat(reply.status()).as("after %s", stub.received()).isEqualTo(400);
        assertThat(reply.body()).contains("malformed");
    }

    @Test
    void calls_that_cannot_be_made_later_are_made_at_once() throws IOException {
        Caller.Reply reply = Caller.callWith(
                "{\"to\":\"a@example.com\"}", "POST", "/customerio@stub/app/v1/send/email", Caller.DEV, ASYNC, JSON);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.values("Preference-Applied")).isEmpty();
    }

    @Test
    void a_merge_is_never_made_twice() throws Exception {
        stub.answers(StubVendor.lost());
        String merge =
                "{\"type\":\"person\",\"action\":\"merge\",\"primary\":{\"id\":\"m1\"},\"secondary\":{\"id\":\"m2\"}}";

        JsonObject delivery = Awaiting.delivered(accepted(merge, "POST", "/api/v2/entity"));

        assertThat(delivery.getString("state")).isEqualTo("dead");
        assertThat(delivery.getJsonArray("dead_letters").getJsonObject(0).getString("reason"))
                .contains("outcome unknown");
        assertThat(stub.only().target()).isEqualTo("/base/api/v2/entity");
    }

    @Test
    void pipelines_messages_go_in_batches_with_ids_and_times() throws Exception {
        Caller.Reply reply = Caller.callWith(
                "{\"userId\":\"42\",\"event\":\"purchase\"}",
                "POST",
                "/customerio@stub/pipelines/v1/track",
                Caller.DEV,
                ASYNC,
                JSON);

        Awaiting.delivered(reply.header("Sluice-Delivery"));
        assertThat(stub.only().target()).isEqualTo("/base/v1/batch");
        JsonObject message =
                new JsonObject(stub.only().body()).getJsonArray("batch").getJsonObject(0);
        assertThat(message.getString("type")).isEqualTo("track");
        assertThat(message.getString("messageId")).hasSize(26);
        assertThat(message.getString("timestamp")).endsWith("Z");
    }

    @Test
    void an_account_can_have_every_such_call_made_later_and_answers_as_the_vendor_does() throws Exception {
        Caller.Reply reply = Caller.callWith(
                "{\"plan\":\"pro\"}", "PUT", "/customerio@later/track/api/v1/customers/42", Caller.DEV, JSON);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("{}");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        Awaiting.delivered(reply.header("Sluice-Delivery"));
        assertThat(stub.only().target()).isEqualTo("/base/api/v2/batch");
    }

    @Test
    void dead_letters_are_listed_shown_to_admins_replayed_and_deleted() throws Exception {
        stub.answers(answer(400, "{\"errors\":[{\"reason\":\"invalid\",\"message\":\"replay me\"}]}"));
        Caller.Reply accepted = Caller.callWith(
                "{\"plan\":\"pro\"}", "PUT", TRACK + "/api/v1/customers/dead-1", Caller.BULK, ASYNC, JSON);
        String id = accepted.header("Sluice-Delivery");
        assertThat(Awaiting.delivered(id).getString("state")).isEqualTo("dead");

        JsonObject admins = listed("/api/deliveries?state=dead&team=bulk", Caller.DEV, id);
        JsonObject own = listed("/api/deliveries", Caller.BULK, id);
        assertThat(admins.getJsonArray("dead_letters").getJsonObject(0).getString("payload"))
                .contains("dead-1");
        assertThat(own.getJsonArray("dead_letters").getJsonObject(0).containsKey("payload"))
                .isFalse();
        assertThat(Caller.call("GET", "/api/deliveries/" + id, READER).status()).isEqualTo(404);

        assertThat(Caller.call("POST", "/api/deliveries/replay?team=bulk&reason=replay%20me", Caller.BULK)
                        .body())
                .isEqualTo("{\"letters\":1}");
        assertThat(Awaiting.delivered(id).getString("state")).isEqualTo("delivered");
        assertThat(Caller.call("DELETE", "/api/deliveries/" + id, Caller.BULK).status())
                .isEqualTo(409);
    }

    @Test
    void a_paused_account_accepts_and_shows_what_waits_and_delivers_when_it_is_resumed() throws Exception {
        budget.pause("customerio/later");
        String id;
        try {
            id = Caller.callWith("{}", "PUT", "/customerio@later/track/api/v1/customers/paused", Caller.DEV, JSON)
                    .header("Sluice-Delivery");

            JsonObject queue = queue("later");
            assertThat(queue.getBoolean("paused")).isTrue();
            assertThat(queue.getInteger("pending") + queue.getInteger("in_flight"))
                    .isOne();
            assertThat(queue.getLong("oldest_age_ms")).isNotNegative();
            assertThat(Caller.call("GET", "/api/deliveries/" + id, Caller.DEV).body())
                    .contains("\"queued\":1");
        } finally {
            budget.resume("customerio/later");
        }
        assertThat(Awaiting.delivered(id).getString("state")).isEqualTo("delivered");
    }

    private static final String READER = StubVendors.READER;

    private static JsonObject queue(String account) throws IOException {
        JsonArray queues = new JsonArray(
                Caller.call("GET", "/api/deliveries/queues", Caller.DEV).body());
        return queues.stream()
                .map(JsonObject.class::cast)
                .filter(queue -> queue.getString("account").equals(account))
                .findFirst()
                .orElseThrow();
    }

    private static JsonObject listed(String target, String key, String id) throws IOException {
        JsonArray all = new JsonObject(Caller.call("GET", target, key).body()).getJsonArray("deliveries");
        return all.stream()
                .map(JsonObject.class::cast)
                .filter(delivery -> delivery.getString("id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static String accepted(String body, String method, String target) throws IOException {
        Caller.Reply reply = Caller.callWith(body, method, TRACK + target, Caller.DEV, ASYNC, JSON);
        assertThat(reply.status()).as(reply.text()).isEqualTo(202);
        return new JsonObject(reply.body()).getString("id");
    }

    private static String batch(String... people) {
        JsonArray operations = new JsonArray();
        for (String person : people) {
            operations.add(new JsonObject()
                    .put("type", "person")
                    .put("identifiers", new JsonObject().put("id", person))
                    .put("action", "identify")
                    .put("attributes", new JsonObject()));
        }
        return new JsonObject().put("batch", operations).encode();
    }

    private List<String> people(int request) {
        return new JsonObject(stub.received().get(request).body())
                .getJsonArray("batch").stream()
                        .map(operation -> ((JsonObject) operation)
                                .getJsonObject("identifiers")
                                .getString("id"))
                        .toList();
    }
}
