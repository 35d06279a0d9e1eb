package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Calls that their vendor sends elsewhere. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class RedirectsTest extends MountTest {
    private static final String PERSON = "/customerio@stub/track/api/v1/customers/42";
    private static final String BODY = "{\"plan\":\"pro\"}";

    @Test
    void a_redirect_within_the_vendor_is_followed_with_method_body_and_credential() throws IOException {
        stub.answers(to(307, "/base/api/v1/customers/42?moved=1"), answer(200, "{}"));

        Caller.Reply reply = Caller.callWith(BODY, "PUT", PERSON, Caller.DEV, "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("2");
        StubVendor.Received there = stub.received().getLast();
        assertThat(there.method()).isEqualTo("PUT");
        assertThat(there.target()).isEqualTo("/base/api/v1/customers/42?moved=1");
        assertThat(there.body()).isEqualTo(BODY);
        assertThat(there.values("Authorization"))
                .isEqualTo(stub.received().getFirst().values("Authorization"))
                .hasSize(1);
    }

    @Test
    void see_other_is_followed_with_a_read() throws IOException {
        stub.answers(to(303, "/base/api/v1/result"), answer(200, "{\"done\":true}"));

        Caller.Reply reply = send("{\"n\":1}");

        assertThat(reply.body()).isEqualTo("{\"done\":true}");
        assertThat(stub.received().getLast().method()).isEqualTo("GET");
        assertThat(stub.received().getLast().body()).isEmpty();
    }

    @Test
    void what_was_done_and_cannot_be_seen_is_unknown_and_not_made_again() throws IOException {
        StubVendor.Answer[] script = new StubVendor.Answer[5];
        Arrays.fill(script, answer(500, ""));
        script[0] = to(303, "/base/v1/result");
        stub.answers(script);

        Caller.Reply reply = send("{\"n\":2}");
        int made = stub.received().size();
        Caller.Reply again = send("{\"n\":2}", "X-Retry-Count: 1");

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(again.header("Sluice-Replayed")).isEqualTo("true");
        assertThat(stub.received()).hasSize(made);
    }

    @Test
    void a_stranger_gets_neither_call_nor_credential() throws IOException {
        stub.answers(to(307, "http://127.0.0.1:" + stub.port() + "/base/api/v1/customers/42"));

        Caller.Reply reply = Caller.callWith(BODY, "PUT", PERSON, Caller.DEV, "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(307);
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_circle_is_left_after_three_rounds() throws IOException {
        StubVendor.Answer round = to(302, "/base/api/v1/customers/42");
        stub.answers(round, round, round, round, round);

        Caller.Reply reply = Caller.callWith(BODY, "PUT", PERSON, Caller.DEV, "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(302);
        assertThat(stub.received()).hasSize(4);
    }

    @Test
    void vendors_without_other_places_are_not_followed() throws IOException {
        stub.answers(to(307, "/base/v1/jwks"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/jwks", Caller.DEV);

        assertThat(reply.status()).isEqualTo(307);
        assertThat(stub.received()).hasSize(1);
    }

    private static StubVendor.Answer to(int status, String location) {
        return answer(status, "", "Location: " + location);
    }

    private static Caller.Reply send(String body, String... headers) throws IOException {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = Caller.DEV;
        all[headers.length + 1] = "Content-Type: application/json";
        return Caller.callWith(body, "POST", "/customerio@stub/app/v1/send/email", all);
    }
}
