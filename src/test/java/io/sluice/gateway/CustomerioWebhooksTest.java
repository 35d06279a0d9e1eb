package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Reporting webhooks: stored, and read by whoever has a place. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class CustomerioWebhooksTest extends MountTest {
    @Test
    void an_event_is_stored_once_and_read_from_a_cursor() throws Exception {
        long before = last(0);
        String event = "{\"event_id\":\"e-" + System.nanoTime() + "\",\"metric\":\"sent\",\n\"data\":{}}";

        assertThat(send(event).status()).isEqualTo(204);
        assertThat(send(event).status()).as("sent again").isEqualTo(204);
        assertThat(send("no JSON " + System.nanoTime()).status()).isEqualTo(204);

        List<JsonObject> events = read(before);
        assertThat(events).hasSize(2);
        assertThat(events.getFirst().getJsonObject("event")).isEqualTo(new JsonObject(event));
        assertThat(events.get(1).getString("event")).startsWith("no JSON");
        assertThat(read(events.getFirst().getLong("cursor"))).hasSize(1);
        assertThat(read(events.getLast().getLong("cursor"))).isEmpty();
        assertThat(Management.metrics())
                .containsPattern("sluice_webhooks_total\\{account=\"default\",mp_scope=\"application\","
                        + "result=\"unreadable\",vendor=\"customerio\"\\} [1-9]");
    }

    @Test
    void what_is_not_signed_or_not_expected_is_refused() throws IOException {
        Caller.Reply unsigned = Caller.callWith("{}", "POST", "/webhooks/customerio");
        Caller.Reply unexpected = Caller.callWith("{}", "POST", "/webhooks/customerio@stub");

        assertThat(unsigned.status()).isEqualTo(401);
        assertThat(unsigned.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(unexpected.status()).isEqualTo(404);
        assertThat(Caller.call("GET", "/api/customerio/webhook-events").status())
                .isEqualTo(401);
        assertThat(Caller.call("GET", "/api/customerio/webhook-events", StubVendors.READER)
                        .status())
                .isEqualTo(403);
    }

    private static long last(long after) throws IOException {
        List<JsonObject> events = read(after);
        return events.isEmpty() ? after : last(events.getLast().getLong("cursor"));
    }

    private static List<JsonObject> read(long after) throws IOException {
        Caller.Reply reply = Caller.call("GET", "/api/customerio/webhook-events?after=" + after, Caller.BULK);
        assertThat(reply.status()).isEqualTo(200);
        return reply.body().lines().map(JsonObject::new).toList();
    }

    private static Caller.Reply send(String body) throws Exception {
        String timestamp = Long.toString(Instant.now().getEpochSecond());
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("cio-test-signing-key".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signature = mac.doFinal(("v0:" + timestamp + ":" + body).getBytes(StandardCharsets.UTF_8));
        return Caller.callWith(
                body,
                "POST",
                "/webhooks/customerio",
                "X-CIO-Timestamp: " + timestamp,
                "X-CIO-Signature: " + HexFormat.of().formatHex(signature),
                "Content-Type: application/json");
    }
}
