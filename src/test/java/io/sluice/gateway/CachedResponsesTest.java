package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static io.sluice.gateway.StubVendor.cut;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Reads of Clerk's users, organizations and counts, which are kept, shared and spoiled. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class CachedResponsesTest extends MountTest {
    private static final String USER = "/clerk@stub/v1/users/user_1";
    private static final String JSON = "Content-Type: application/json";
    private static final int MISSING = StubVendors.MISSING_SECONDS;

    /** For how many seconds a machine may stand still between two calls. */
    private static final int SLOWEST = 10;

    @AfterEach
    void openAgain() {
        budget.resume("clerk/stub");
    }

    @Test
    void a_read_is_made_once_for_all_teams() throws IOException {
        stub.answers(answer(200, user("user_1", 1), JSON, "Cf-Ray: abc"));

        Caller.Reply first = Caller.call("GET", USER, Caller.DEV);
        Caller.Reply second = Caller.call("GET", USER, Caller.BULK);

        assertThat(first.header("Cache-Status")).isEqualTo("Sluice; fwd=miss; stored");
        assertThat(ttl(second) + age(second)).as("of the minute for users").isBetween(59, 60);
        assertThat(age(second)).as("it has just been kept").isBetween(0, SLOWEST);
        assertThat(second.body()).isEqualTo(first.body()).isEqualTo(user("user_1", 1));
        assertThat(second.header("Content-Type")).isEqualTo("application/json");
        assertThat(second.header("Cf-Ray")).isEqualTo("abc");
        assertThat(second.header("Sluice-Attempts")).isEqualTo("0");
        assertThat(second.values("RateLimit")).isEmpty();
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_kept_answer_is_only_for_teams_that_may_ask() throws IOException {
        stub.answers(answer(200, organization("org_1", "acme", 1), JSON));
        Caller.call("GET", "/clerk@stub/v1/organizations/org_1", Caller.DEV);

        Caller.Reply stranger = Caller.call("GET", "/clerk@stub/v1/organizations/org_1", "X-Api-Key: nobody");

        assertThat(stranger.status()).isEqualTo(401);
    }

    @Test
    void accounts_versions_and_queries_are_told_apart() throws IOException {
        for (String target : List.of(USER, USER + "?x=1", "/clerk/v1/users/user_1")) {
            for (String version : List.of("2026-05-12", "2025-11-10")) {
                Caller.Reply reply = Caller.call("GET", target, Caller.DEV, "Clerk-API-Version: " + version);
                assertThat(reply.header("Cache-Status")).as(target).startsWith("Sluice; fwd=miss");
            }
        }

        assertThat(stub.received()).hasSize(4);
    }

    @Test
    void the_order_and_spelling_of_parameters_make_no_difference() throws IOException {
        stub.answers(answer(200, "{\"object\":\"total_count\",\"total_count\":1}", JSON));
        Caller.call("GET", "/clerk@stub/v1/users/count?query=a%40b&banned=true", Caller.DEV);

        Caller.Reply other = Caller.call("GET", "/clerk@stub/v1/users/count?banned=true&query=a@b", Caller.DEV);

        assertThat(other.header("Cache-Status")).contains("hit");
        assertThat(Caller.call("GET", "/clerk@stub/v1/users/count?banned=true&query=a@c", Caller.DEV)
                        .header("Cache-Status"))
                .contains("miss");
    }

    @Test
    void a_404_is_kept_and_errors_are_not() throws IOException {
        stub.answers(answer(404, "{\"errors\":[]}", JSON), answer(422, "{\"errors\":[]}", JSON));

        Caller.call("GET", USER, Caller.DEV);
        Caller.Reply missing = Caller.call("GET", USER, Caller.DEV);
        Caller.call("GET", "/clerk@stub/v1/users/user_2", Caller.DEV);
        Caller.Reply again = Caller.call("GET", "/clerk@stub/v1/users/user_2", Caller.DEV);

        assertThat(missing.status()).isEqualTo(404);
        assertThat(ttl(missing) + age(missing))
                .as("of the time for what is missing")
                .isBetween(MISSING - 1, MISSING);
        assertThat(age(missing)).as("it has just been kept").isBetween(0, SLOWEST);
        assertThat(again.header("Cache-Status")).contains("miss");
    }

    @Test
    void no_cache_asks_the_vendor_and_renews_what_is_kept() throws IOException {
        stub.answers(answer(200, user("user_1", 1), JSON), answer(200, user("user_1", 2), JSON));
        Caller.call("GET", USER, Caller.DEV);

        Caller.Reply asked = Caller.call("GET", USER, Caller.DEV, "Cache-Control: no-cache");

        assertThat(asked.header("Cache-Status")).isEqualTo("Sluice; fwd=request; stored");
        assertThat(asked.body()).isEqualTo(user("user_1", 2));
        assertThat(Caller.call("GET", USER, Caller.DEV).body()).isEqualTo(user("user_1", 2));
        assertThat(stub.received()).hasSize(2);
    }

    @Test
    void callers_with_conditions_of_their_own_are_answered_by_the_vendor() throws IOException {
        stub.answers(answer(200, user("user_1", 1), JSON, "ETag: \"a\""));
        Caller.call("GET", USER, Caller.DEV);
        stub.answers(answer(304, "", "ETag: \"a\""));

        Caller.Reply own = Caller.call("GET", USER, Caller.DEV, "If-None-Match: \"a\"");

        assertThat(own.status()).isEqualTo(304);
        assertThat(own.header("Cache-Status")).isEqualTo("Sluice; fwd=request");
    }

    @Test
    void what_has_not_changed_is_not_sent_again() throws IOException {
        stub.answers(answer(200, user("user_1", 1), JSON, "ETag: \"a\""), answer(304, "", "ETag: \"a\""));
        Caller.call("GET", USER, Caller.DEV);

        Caller.Reply same = Caller.call("GET", USER, Caller.DEV, "Cache-Control: no-cache");

        assertThat(same.status()).isEqualTo(200);
        assertThat(same.body()).isEqualTo(user("user_1", 1));
        assertThat(stub.received().getLast().values("If-None-Match")).containsExactly("\"a\"");
    }

    @Test
    void own_writes_spoil_what_they_change_and_nothing_else() throws IOException {
        read("/v1/users/user_1", user("user_1", 1));
        read("/v1/users/user_2", user("user_2", 1));
        read("/v1/users/count", "{\"total_count\":2}");
        read("/v1/users/count?banned=true", "{\"total_count\":1}");
        read("/v1/organizations/acme", organization("org_1", "acme", 1));
        read("/v1/organizations/org_2", organization("org_2", "other", 1));

        Caller.callWith("{}", "PATCH", "/clerk@stub/v1/users/user_1/metadata", Caller.DEV, JSON);

        assertThat(kept("/v1/users/user_1")).isFalse();
        assertThat(kept("/v1/users/user_2")).isTrue();
        assertThat(kept("/v1/users/count")).isTrue();
        assertThat(kept("/v1/users/count?banned=true")).isFalse();
        assertThat(kept("/v1/organizations/acme")).isTrue();

        Caller.callWith("{}", "PATCH", "/clerk@stub/v1/organizations/org_1", Caller.DEV, JSON);
        assertThat(kept("/v1/organizations/acme")).isFalse();
        assertThat(kept("/v1/organizations/org_2")).isTrue();

        Caller.callWith("{}", "POST", "/clerk@stub/v1/sessions/sess_1/revoke", Caller.DEV, JSON);
        assertThat(kept("/v1/users/user_2")).isTrue();
        Caller.callWith("{}", "POST", "/clerk@stub/v1/users", Caller.DEV, JSON);
        assertThat(kept("/v1/users/count")).isFalse();
        Caller.callWith("{}", "POST", "/clerk@stub/v1/email_addresses", Caller.DEV, JSON);
        assertThat(kept("/v1/users/user_2")).isFalse();
    }

    @Test
    void a_read_that_was_under_way_during_a_write_is_not_kept_and_not_joined() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        stub.answers(answer(200, user("user_1", 1), JSON).heldBy(gate));
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Caller.Reply> early = callers.submit(() -> Caller.call("GET", USER, Caller.DEV));
            stub.awaitReceived(1);
            stub.answers(answer(200, user("user_1", 2), JSON), answer(200, user("user_1", 2), JSON));
            Caller.callWith("{}", "PATCH", USER, Caller.DEV, JSON);

            Caller.Reply afterwards = Caller.call("GET", USER, Caller.DEV);
            gate.countDown();

            assertThat(afterwards.body()).isEqualTo(user("user_1", 2));
            assertThat(early.get().body()).isEqualTo(user("user_1", 1));
            assertThat(early.get().header("Cache-Status")).isEqualTo("Sluice; fwd=miss");
        }
        assertThat(Caller.call("GET", USER, Caller.DEV).body()).isEqualTo(user("user_1", 2));
    }

    @Test
    void equal_reads_in_flight_are_one() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        stub.answers(answer(200, user("user_1", 1), JSON).heldBy(gate));
        List<Caller.Reply> replies = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                Caller leaver = Caller.connected()) {
            leaver.send("GET " + USER + " HTTP/1.1", List.of(Caller.DEV), "");
            stub.awaitReceived(1);
            List<Future<Caller.Reply>> others = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                others.add(callers.submit(() -> Caller.call("GET", USER, Caller.BULK)));
            }
            awaitCollapsed(10);
            leaver.leave();
            gate.countDown();
            for (Future<Caller.Reply> other : others) {
                replies.add(other.get());
            }
        }

        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo(user("user_1", 1));
            assertThat(reply.header("Cache-Status")).isEqualTo("Sluice; fwd=miss; collapsed");
            assertThat(reply.header("Sluice-Attempts")).isEqualTo("0");
        });
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_caller_that_leaves_the_queue_leaves_the_others_in_it() throws Exception {
        budget.pause("clerk/stub");
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                Caller leaver = Caller.connected()) {
            leaver.send("GET " + USER + " HTTP/1.1", List.of(Caller.DEV, "Prefer: wait=60"), "");
            awaitPending("clerk/stub", 1);
            Future<Caller.Reply> other = callers.submit(() -> Caller.call("GET", USER, Caller.BULK, "Prefer: wait=60"));
            awaitCollapsed(1);
            leaver.leave();
            budget.resume("clerk/stub");

            assertThat(other.get().status()).isEqualTo(200);
        }
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void when_all_callers_have_left_nothing_is_sent() throws Exception {
        budget.pause("clerk/stub");
        try (Caller one = Caller.connected();
                Caller other = Caller.connected()) {
            one.send("GET " + USER + " HTTP/1.1", List.of(Caller.DEV, "Prefer: wait=60"), "");
            awaitPending("clerk/stub", 1);
            other.send("GET " + USER + " HTTP/1.1", List.of(Caller.DEV, "Prefer: wait=60"), "");
            awaitCollapsed(1);
        }
        awaitPending("clerk/stub", 0);
        budget.resume("clerk/stub");

        assertThat(Caller.call("GET", "/clerk@stub/v1/jwks", Caller.DEV).status())
                .isEqualTo(200);
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_caller_in_a_hurry_is_not_held_back_by_the_patience_of_another() throws Exception {
        budget.pause("clerk/stub");
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Caller.Reply> patient =
                    callers.submit(() -> Caller.call("GET", USER, Caller.DEV, "Prefer: wait=60"));
            awaitPending("clerk/stub", 1);

            Caller.Reply hasty = Caller.call("GET", USER, Caller.DEV, "Prefer: wait=0");
            budget.resume("clerk/stub");

            assertThat(hasty.status()).isEqualTo(429);
            assertThat(patient.get().status()).isEqualTo(200);
        }
    }

    @Test
    void a_large_answer_streams_to_each() throws IOException {
        String large = "{\"id\":\"user_1\",\"x\":\"" + "y".repeat(300_000) + "\"}";
        stub.answers(answer(200, large, JSON), answer(200, large, JSON));

        assertThat(Caller.call("GET", USER, Caller.DEV).body()).isEqualTo(large);
        assertThat(Caller.call("GET", USER, Caller.DEV).header("Cache-Status")).isEqualTo("Sluice; fwd=miss");
    }

    @Test
    void an_answer_that_is_cut_short_is_nobodys() throws IOException {
        stub.answers(cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":\"user_1\""));

        assertThat(Caller.call("GET", USER, Caller.DEV).status()).isEqualTo(502);
        assertThat(Caller.call("GET", USER, Caller.DEV).header("Cache-Status")).startsWith("Sluice; fwd=miss");
    }

    @Test
    void every_answer_says_what_the_cache_did() throws IOException {
        assertThat(Caller.call("GET", "/clerk@stub/v1/sessions?user_id=u", Caller.DEV)
                        .header("Cache-Status"))
                .isEqualTo("Sluice; fwd=bypass");
        assertThat(Caller.callWith("{}", "POST", "/clerk@stub/v1/users", Caller.DEV)
                        .header("Cache-Status"))
                .isEqualTo("Sluice; fwd=method");
    }

    /** The seconds for which an answer that is kept is fresh still. */
    private static int ttl(Caller.Reply reply) {
        assertThat(reply.header("Cache-Status")).matches("Sluice; hit; ttl=\\d+");
        return Integer.parseInt(reply.header("Cache-Status").replaceFirst(".*=", ""));
    }

    private static int age(Caller.Reply reply) {
        return Integer.parseInt(reply.header("Age"));
    }

    private void read(String path, String body) throws IOException {
        stub.answers(answer(200, body, JSON));
        assertThat(Caller.call("GET", "/clerk@stub" + path, Caller.DEV).header("Cache-Status"))
                .isEqualTo("Sluice; fwd=miss; stored");
    }

    private boolean kept(String path) throws IOException {
        Caller.Reply reply = Caller.call("GET", "/clerk@stub" + path, Caller.DEV, "Cache-Control: no-store");
        assertThat(reply.status()).isEqualTo(200);
        return reply.header("Cache-Status").contains("hit");
    }

    private static String user(String id, long updatedAt) {
        return "{\"object\":\"user\",\"id\":\"" + id + "\",\"updated_at\":" + updatedAt + "}";
    }

    private static String organization(String id, String slug, long updatedAt) {
        return "{\"object\":\"organization\",\"id\":\"" + id + "\",\"slug\":\"" + slug + "\",\"updated_at\":"
                + updatedAt + "}";
    }

    private void awaitPending(String account, long pending) throws InterruptedException {
        await(
                pending + " calls wait",
                () -> budget.state(account).orElseThrow().queues().stream()
                                .mapToLong(queue -> queue.pending())
                                .sum()
                        == pending);
    }

    /** Waits until so many reads share flights that others began. */
    private void awaitCollapsed(int sharing) throws InterruptedException {
        await(sharing + " calls share a read", () -> reads.sharing() == sharing);
    }
}
