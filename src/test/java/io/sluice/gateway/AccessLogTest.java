package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static io.sluice.gateway.StubVendor.cut;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.CapturedLog;
import io.sluice.call.AccessLine;
import io.sluice.call.AccessLog;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the access log tells of each call. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class AccessLogTest extends MountTest {
    private static final String ID = "user_49f0c1";

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(AccessLog.CATEGORY);

    /** What is done before each test is no call of it. */
    @BeforeEach
    void forgetLines() {
        log.clear();
    }

    @AfterEach
    void end() {
        budget.resume("clerk/stub");
    }

    @Test
    void a_call_has_one_line_when_its_answer_has_ended() throws Exception {
        stub.answers(answer(201, "{}"));

        Caller.Reply reply = Caller.callWith("{}", "POST", "/clerk@stub/v1/users/" + ID + "/ban?q=" + ID, Caller.DEV);

        AccessLine line = lineOf(reply);
        assertThat(line.team()).isEqualTo("dev");
        assertThat(line.vendor()).isEqualTo("clerk");
        assertThat(line.account()).isEqualTo("stub");
        assertThat(line.operation()).isNotEmpty();
        assertThat(line.method()).isEqualTo("POST");
        assertThat(line.route()).startsWith("/clerk/").doesNotContain(ID);
        assertThat(line.status()).isEqualTo(201);
        assertThat(line.outcome()).isEqualTo("success");
        assertThat(line.attempts()).isEqualTo(1);
        assertThat(line.vendorMs()).isPositive();
        assertThat(line.durationMs()).isGreaterThanOrEqualTo(line.vendorMs());
        assertThat(line.cache()).isEqualTo("bypass");
        assertThat(line.toString())
                .doesNotContain(ID)
                .doesNotContain("stub-secret")
                .doesNotContain("dev-key");
    }

    @Test
    void ids_in_paths_are_named_by_the_template() throws Exception {
        Caller.Reply user = Caller.call("GET", "/clerk@stub/v1/users/" + ID, Caller.DEV);
        Caller.Reply person = Caller.callWith("{}", "PUT", "/customerio@stub/track/api/v1/customers/" + ID, Caller.DEV);
        Caller.Reply unknown = Caller.call("GET", "/fathom@stub/external/v1/no/" + ID, Caller.DEV);

        assertThat(lineOf(user).route()).isEqualTo("/clerk/v1/users/{user_id}");
        assertThat(lineOf(person).route()).matches("/customerio/track/api/v1/customers/\\{[a-z_]+}");
        assertThat(lineOf(unknown).route()).isEqualTo("/fathom/**");
        assertThat(lines()).noneMatch(line -> line.toString().contains(ID));
    }

    @Test
    void a_5xx_of_the_vendor_is_seen() throws Exception {
        stub.answers(answer(503, "down"));

        Caller.Reply reply = Caller.callWith("{}", "POST", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.status()).isEqualTo(503);
        assertThat(lineOf(reply).status()).isEqualTo(503);
        assertThat(lineOf(reply).outcome()).isEqualTo("server_error");
        assertThat(lineOf(reply).attempts()).isEqualTo(1);
    }

    @Test
    void a_kept_answer_is_no_attempt() throws Exception {
        stub.answers(answer(200, "{\"id\":\"" + ID + "\"}", "Content-Type: application/json"));
        Caller.call("GET", "/clerk@stub/v1/users/" + ID, Caller.DEV);

        AccessLine line = lineOf(Caller.call("GET", "/clerk@stub/v1/users/" + ID, Caller.BULK));

        assertThat(line.cache()).isEqualTo("hit");
        assertThat(line.attempts()).isZero();
        assertThat(line.outcome()).isEqualTo("success");
        assertThat(line.team()).isEqualTo("bulk");
    }

    @Test
    void what_is_refused_before_the_vendor_is_asked_has_a_line_too() throws Exception {
        budget.pause("clerk/stub");
        Caller.Reply shed = Caller.call("GET", "/clerk@stub/v1/organizations/o", Caller.DEV, "Prefer: wait=0");
        Caller.Reply noKey = Caller.call("GET", "/clerk@stub/v1/users/" + ID, "Authorization: Bearer wrong");
        Caller.Reply forbidden = Caller.call("GET", "/fathom@stub/external/v1/meetings", StubVendors.READER);
        Caller.Reply noAccount = Caller.call("GET", "/clerk@" + ID + "/v1/users", Caller.DEV);

        assertThat(lineOf(shed))
                .satisfies(line -> assertThat(line.status()).isEqualTo(429))
                .satisfies(line -> assertThat(line.outcome()).isEqualTo("shed"))
                .satisfies(line -> assertThat(line.attempts()).isZero());
        assertThat(lineOf(noKey))
                .satisfies(line -> assertThat(line.status()).isEqualTo(401))
                .satisfies(line -> assertThat(line.outcome()).isEqualTo("denied"))
                .satisfies(line -> assertThat(line.team()).isNull())
                .satisfies(line -> assertThat(line.route()).isEqualTo("/clerk/v1/users/{user_id}"));
        assertThat(lineOf(forbidden))
                .satisfies(line -> assertThat(line.status()).isEqualTo(403))
                .satisfies(line -> assertThat(line.outcome()).isEqualTo("denied"))
                .satisfies(line -> assertThat(line.team()).isEqualTo("reader"));
        assertThat(lineOf(noAccount))
                .satisfies(line -> assertThat(line.status()).isEqualTo(404))
                .satisfies(line -> assertThat(line.account()).isNull())
                .satisfies(line -> assertThat(line.toString()).doesNotContain(ID));
    }

    @Test
    void a_wait_that_ends_without_a_permit_is_told() throws Exception {
        budget.pause("clerk/stub");

        Caller.Reply shed = Caller.call("GET", "/clerk@stub/v1/organizations/o", Caller.DEV, "Prefer: wait=1");

        assertThat(shed.status()).isEqualTo(429);
        assertThat(lineOf(shed).queueMs()).isPositive();
        assertThat(shed.header("Server-Timing")).doesNotStartWith("queue;dur=0.0,");
    }

    @Test
    void a_refused_path_has_the_vendor_and_the_mounts_template_and_not_the_path() throws Exception {
        Caller.Reply mount = Caller.call("GET", "/clerk@stub/v1/users/../" + ID, Caller.DEV);
        Caller.Reply query = Caller.call("GET", "/customerio@stub/track/api?x=%zz", Caller.DEV);
        Caller.Reply elsewhere = Caller.call("GET", "/x/../" + ID, Caller.DEV);

        assertThat(lineOf(mount).vendor()).isEqualTo("clerk");
        assertThat(lineOf(mount).account()).isEqualTo("stub");
        assertThat(lineOf(mount).route()).isEqualTo("/clerk/**");
        assertThat(lineOf(mount).status()).isEqualTo(400);
        assertThat(lineOf(query).vendor()).isEqualTo("customerio");
        assertThat(lineOf(query).route()).isEqualTo("/customerio/track/**");
        assertThat(lineOf(elsewhere).vendor()).isNull();
        assertThat(lineOf(elsewhere).route()).isNull();
        assertThat(log.lines()).noneMatch(line -> line.contains(ID));
    }

    @Test
    void a_caller_that_leaves_the_queue_is_499_once() throws Exception {
        budget.pause("clerk/stub");
        try (Caller caller = Caller.connected()) {
            caller.send("GET /clerk@stub/v1/organizations/o HTTP/1.1", List.of(Caller.DEV, "Prefer: wait=60"), "");
            await("one call waits", () -> pending() == 1);
        }

        await("an access line", () -> !lines().isEmpty());
        budget.resume("clerk/stub");
        lineOf(Caller.call("GET", "/clerk@stub/v1/organizations/o", Caller.DEV));
        assertThat(lines()).hasSize(2);
        assertThat(lines().getFirst().status()).isEqualTo(499);
        assertThat(lines().getFirst().outcome()).isEqualTo("cancelled");
        assertThat(lines().getFirst().attempts()).isZero();
    }

    @Test
    void a_caller_that_leaves_a_write_has_its_line_when_the_vendor_has_answered() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        stub.answers(answer(200, "{}").heldBy(gate));
        try (Caller caller = Caller.connected()) {
            caller.sendWith("{}", "POST", "/clerk@stub/v1/users", Caller.DEV, "Idempotency-Key: " + ID);
            stub.awaitReceived(1);
        }
        assertThat(lines()).isEmpty();

        gate.countDown();

        await("an access line", () -> !lines().isEmpty());
        assertThat(lines().getFirst().status()).isEqualTo(499);
        assertThat(lines().getFirst().attempts()).isEqualTo(1);
        assertThat(lines().getFirst().vendorMs()).isPositive();
    }

    @Test
    void a_caller_that_leaves_in_the_middle_of_an_answer_has_one_line() throws Exception {
        stub.answers(answer(200, "x".repeat(20_000_000)));
        try (Caller caller = Caller.connected()) {
            caller.send("GET /clerk@stub/v1/big HTTP/1.1", List.of(Caller.DEV), "");
            caller.readSome(1000);
        }

        await("an access line", () -> !lines().isEmpty());
        assertThat(lines().getFirst().status()).isEqualTo(200);
        assertThat(lines().getFirst().outcome()).isEqualTo("cancelled");
    }

    @Test
    void an_answer_that_the_vendor_breaks_off_is_seen() throws Exception {
        stub.answers(cut("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(100_000)));
        try (Caller caller = Caller.connected()) {
            caller.send("GET /fathom@stub/external/v1/big HTTP/1.1", List.of(Caller.DEV), "");
            caller.readSome(1000);
            await("an access line", () -> !lines().isEmpty());
        }

        assertThat(lines().getFirst().status()).isEqualTo(200);
        assertThat(lines().getFirst().outcome()).isEqualTo("connection_lost");
    }

    @Test
    void calls_of_ours_and_requests_to_our_api_have_lines() throws Exception {
        Caller.Reply reply = Caller.callWith(
                "{\"ids\":[\"" + ID + "\"]}",
                "POST",
                "/api/clerk/users/lookup",
                Caller.DEV,
                "Content-Type: application/json");

        AccessLine request = lineOf(reply);
        assertThat(request.route()).isEqualTo("/api/clerk/users/lookup");
        assertThat(request.team()).isEqualTo("dev");
        assertThat(request.status()).isEqualTo(200);
        AccessLine call = lines().stream()
                .filter(line -> !line.equals(request))
                .findFirst()
                .orElseThrow();
        assertThat(call.requestId()).isEqualTo(request.requestId());
        assertThat(call.durationMs()).isNull();
        assertThat(log.lines()).noneMatch(line -> line.contains(ID));
        assertThat(call.operation()).isEqualTo("list-users");
        assertThat(call.route()).isEqualTo("/clerk/v1/users");
        assertThat(call.outcome()).isEqualTo("success");
        assertThat(call.attempts()).isEqualTo(1);
    }

    private int pending() {
        return budget.state("clerk/stub").orElseThrow().queues().stream()
                .mapToInt(queue -> queue.pending())
                .sum();
    }

    /** The line of an answered request; it is written after the answer. Calls made for it have its id, and no duration. */
    private AccessLine lineOf(Caller.Reply reply) throws InterruptedException {
        String id = reply.header("Sluice-Request-Id");
        Predicate<AccessLine> isRequest = line -> line.requestId().equals(id) && line.durationMs() != null;
        await("the access line of the request", () -> lines().stream().anyMatch(isRequest));
        List<AccessLine> found = lines().stream().filter(isRequest).toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private List<AccessLine> lines() {
        return log.records().stream()
                .map(record -> record.getParameters()[0])
                .filter(AccessLine.class::isInstance)
                .map(AccessLine.class::cast)
                .toList();
    }
}
