package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.Budget.ClosedOperation;
import io.sluice.budget.Budget.QueueState;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Reads of single users that have to wait, and become one read of many. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class ReadBatcherTest extends MountTest {
    private static final String JSON = "Content-Type: application/json";

    @AfterEach
    void openAgain() {
        budget.resume("clerk/slow");
        budget.resume("clerk/slow-alone");
        budget.resume("clerk/slow-closed");
    }

    @Test
    void reads_that_wait_go_together_and_each_gets_its_own_bytes() throws Exception {
        String ada = "{ \"id\": \"user_a\", \"name\":\"Adä\\u0041\", \"n\": 1.50, \"x\":{\"id\":\"idn_1\"} }";
        String bob = "{\"id\":\"user_b\",\"updated_at\":7}";
        stub.answers(answer(200, "[ " + bob + " ,\n" + ada + "]", JSON, "Cf-Ray: ray", "ETag: \"all\""));

        List<Caller.Reply> replies = read("clerk/slow", "user_a", "user_b", "user_c");

        assertThat(stub.only().target()).matches("/base/v1/users\\?limit=3(&user_id=user_[abc]){3}");
        assertThat(replies).extracting(Caller.Reply::status).containsExactly(200, 200, 404);
        assertThat(replies).extracting(Caller.Reply::body).startsWith(ada, bob);
        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.header("Content-Type")).isEqualTo("application/json");
            assertThat(reply.header("Cf-Ray")).isEqualTo("ray");
            assertThat(reply.values("ETag")).isEmpty();
            assertThat(reply.header("Cache-Status")).isEqualTo("Sluice; fwd=miss; stored");
        });
        assertThat(new JsonObject(replies.get(2).body())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("code"))
                .isEqualTo("resource_not_found");
        assertThat(replies.stream()
                        .mapToInt(reply -> Integer.parseInt(reply.header("Sluice-Attempts")))
                        .sum())
                .isEqualTo(1);
        assertThat(Caller.call("GET", "/clerk@slow/v1/users/user_b", Caller.DEV).header("Cache-Status"))
                .contains("hit");
    }

    /** One permit is free every 500 ms, so that by itself the last of them would wait for six seconds. */
    @Test
    void reads_that_one_permit_serves_are_not_refused_for_want_of_one_each() throws Exception {
        StubVendor.Answer users = answer(200, "[]", JSON);
        for (int request = 0; request < 14; request++) {
            stub.answers(users);
        }
        Caller.call("GET", "/clerk@slow/v1/users/user_first", Caller.DEV);

        List<Caller.Reply> replies = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Caller.Reply>> calls = new ArrayList<>();
            for (int read = 0; read < 12; read++) {
                String path = "/clerk@slow/v1/users/user_together" + read;
                calls.add(callers.submit(() -> Caller.call("GET", path, Caller.DEV, "Prefer: wait=3")));
            }
            for (Future<Caller.Reply> call : calls) {
                replies.add(call.get());
            }
        }

        assertThat(replies).extracting(Caller.Reply::status).doesNotContain(429);
    }

    @Test
    void a_read_that_can_go_now_goes_alone() throws Exception {
        stub.answers(answer(200, "{\"id\":\"user_a\"}", JSON));

        assertThat(Caller.call("GET", "/clerk@slow/v1/users/user_a", Caller.DEV).status())
                .isEqualTo(200);

        assertThat(stub.only().target()).isEqualTo("/base/v1/users/user_a");
    }

    @Test
    void a_hundred_go_at_once_and_no_more() throws Exception {
        String[] ids = new String[102];
        Arrays.setAll(ids, i -> "user_" + i);
        StringBuilder users = new StringBuilder("[");
        for (String id : ids) {
            users.append(users.length() == 1 ? "" : ",")
                    .append("{\"id\":\"")
                    .append(id)
                    .append("\"}");
        }
        stub.answers(answer(200, users + "]", JSON), answer(200, users + "]", JSON));

        List<Caller.Reply> replies = read("clerk/slow", ids);

        assertThat(replies).extracting(Caller.Reply::status).containsOnly(200);
        assertThat(stub.received()).hasSize(2);
        assertThat(stub.received().getFirst().target()).startsWith("/base/v1/users?limit=100&");
        assertThat(stub.received().getLast().target()).startsWith("/base/v1/users?limit=2&");
    }

    @Test
    void what_differs_in_version_query_or_form_does_not_go_along() throws Exception {
        StubVendor.Answer any = answer(200, "[{\"id\":\"user_a\"},{\"id\":\"user_b\"}]", JSON);
        stub.answers(any, any, any);

        List<Caller.Reply> replies = read("clerk/slow", "user_a", "-user_c", "user_d?x=1", "user_b");

        assertThat(replies).extracting(Caller.Reply::status).containsOnly(200);
        assertThat(stub.received()).hasSize(3);
        assertThat(stub.received().stream().map(StubVendor.Received::target))
                .contains("/base/v1/users/-user_c", "/base/v1/users/user_d?x=1");
    }

    @Test
    void when_the_vendor_refuses_the_many_each_goes_alone() throws Exception {
        stub.answers(
                answer(422, "{\"errors\":[]}", JSON),
                answer(200, "{\"id\":\"user_x\"}", JSON),
                answer(200, "{\"id\":\"user_x\"}", JSON));

        List<Caller.Reply> replies = read("clerk/slow", "user_a", "user_b");

        assertThat(replies).extracting(Caller.Reply::status).containsOnly(200);
        assertThat(stub.received().stream().map(StubVendor.Received::target))
                .containsExactlyInAnyOrder(
                        stub.received().getFirst().target(), "/base/v1/users/user_a", "/base/v1/users/user_b");
    }

    @Test
    void when_the_vendor_throttles_the_many_that_endpoint_is_closed_and_each_goes_alone() throws Exception {
        stub.answers(
                answer(429, "{\"errors\":[]}", JSON, "Retry-After: 30"),
                answer(200, "{\"id\":\"user_x\"}", JSON),
                answer(200, "{\"id\":\"user_x\"}", JSON));

        List<Caller.Reply> replies = read("clerk/slow-closed", "user_a", "user_b");

        assertThat(replies).extracting(Caller.Reply::status).containsOnly(200);
        assertThat(stub.received().getFirst().target()).startsWith("/base/v1/users?");
        assertThat(stub.received().stream().skip(1).map(StubVendor.Received::target))
                .containsExactlyInAnyOrder("/base/v1/users/user_a", "/base/v1/users/user_b");
        assertThat(budget.state("clerk/slow-closed").orElseThrow().closed())
                .extracting(ClosedOperation::operation)
                .containsExactly("list-users");

        stub.reset();
        read("clerk/slow-closed", "user_c", "user_d");

        assertThat(stub.received().stream().map(StubVendor.Received::target))
                .as("nobody is taken along while the list is closed")
                .containsExactlyInAnyOrder("/base/v1/users/user_c", "/base/v1/users/user_d");
    }

    @Test
    void what_fails_fails_for_all_who_went_along() throws Exception {
        for (int i = 0; i < 4; i++) {
            stub.answers(answer(503, "{\"errors\":[]}", JSON));
        }

        List<Caller.Reply> replies = read("clerk/slow", "user_a", "user_b");

        assertThat(replies).extracting(Caller.Reply::status).containsOnly(503);
        assertThat(stub.received()).hasSize(4);
    }

    @Test
    void an_account_can_have_each_read_made_alone() throws Exception {
        List<Caller.Reply> replies = read("clerk/slow-alone", "user_a", "user_b");

        assertThat(replies).extracting(Caller.Reply::status).containsOnly(200);
        assertThat(stub.received()).hasSize(2);
    }

    /** Has reads wait together, and then lets the first of them go. */
    private List<Caller.Reply> read(String account, String... users) throws Exception {
        String mount = account.replace('/', '@');
        budget.pause(account);
        List<Caller.Reply> replies = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Caller.Reply>> calls = new ArrayList<>();
            for (String user : users) {
                String team = calls.size() % 2 == 0 ? Caller.DEV : Caller.BULK;
                calls.add(callers.submit(
                        () -> Caller.call("GET", "/" + mount + "/v1/users/" + user, team, "Prefer: wait=200")));
            }
            await(
                    users.length + " reads wait",
                    () -> budget.state(account).orElseThrow().queues().stream()
                                    .mapToInt(QueueState::pending)
                                    .sum()
                            == users.length);
            budget.resume(account);
            for (Future<Caller.Reply> call : calls) {
                replies.add(call.get());
            }
        }
        return replies;
    }
}
