package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.All;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.sluice.AccountId;
import io.sluice.call.CredentialStates;
import io.sluice.saas.CredentialProbe;
import io.sluice.saas.Vendor;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Vendors that refuse the company's key: what callers and operators are told, and what is asked at the start. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Eager.class)
@SuppressWarnings("NullAway.Init") // the test framework fills the fields
class RefusedCredentialTest extends MountTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String CLERK_REFUSES = "{\"errors\":[{\"code\":\"clerk_key_invalid\"}]}";

    @Inject
    CredentialCheck check;

    @Inject
    CredentialStates states;

    @Inject
    @All
    List<Vendor> vendors;

    /** What is asked at the start would come between the calls of the tests. */
    @BeforeEach
    void awaitTheStart() throws Exception {
        long asked = vendors.stream()
                .flatMap(vendor -> vendor.credentialProbes().stream())
                .mapToLong(probe -> probe.surface().accounts().size())
                .sum();
        await(
                "every account was asked once",
                () -> series("sluice_calls_total", "team=\"-\"").stream()
                                .mapToDouble(RefusedCredentialTest::value)
                                .sum()
                        >= asked);
        stub.reset();
    }

    @Test
    void a_wrong_key_is_found_at_the_start_and_shown() throws Exception {
        await("the refused credential is known", () -> states.refused(new AccountId("clari", "wrong")));

        JsonObject limits = new JsonObject(
                Caller.call("GET", "/api/limits/clari/wrong", Caller.DEV).body());
        assertThat(limits.getBoolean("credential_refused")).isTrue();
        assertThat(new JsonObject(Caller.call("GET", "/api/limits/clari/default", Caller.DEV)
                                .body())
                        .getBoolean("credential_refused"))
                .isFalse();
        assertThat(metric("sluice_credential_refused", "vendor=\"clari\"", "account=\"wrong\""))
                .isEqualTo(1);
        assertThat(metric("sluice_credential_refused", "vendor=\"clari\"", "account=\"default\""))
                .isZero();
        assertThat(metric(
                        "sluice_calls_total",
                        "account=\"wrong\"",
                        "operation=\"read-limits\"",
                        "outcome=\"credential_refused\""))
                .isPositive();
    }

    @Test
    void each_vendor_is_asked_by_one_request_whatever_it_answers() throws Exception {
        for (String[] expected : new String[][] {
            {"clari", "/base/v4/admin/limits"}, {"clerk", "/base/v1/users/count"}, {"fathom", "/base/external/v1/teams"}
        }) {
            CredentialProbe probe = vendors.stream()
                    .filter(vendor -> vendor.name().equals(expected[0]))
                    .flatMap(vendor -> vendor.credentialProbes().stream())
                    .findFirst()
                    .orElseThrow();
            stub.always("GET", expected[1], answer(503, "{}", JSON));

            assertThat(check.untold(probe, "stub")).contains("the vendor answers 503");
            assertThat(check.untold(probe, "gone")).contains("no response came: UNREACHABLE");

            assertThat(stub.received().stream()
                            .filter(request -> request.target().equals(expected[1]))
                            .count())
                    .isEqualTo(1);
            stub.reset();
        }
    }

    /** The default quota of 1000 is a guess, and exports of others may have used it. */
    @Test
    void what_clari_answers_at_the_start_becomes_the_accounts_limits() throws Exception {
        CredentialProbe probe = vendors.stream()
                .filter(vendor -> vendor.name().equals("clari"))
                .flatMap(vendor -> vendor.credentialProbes().stream())
                .findFirst()
                .orElseThrow();
        stub.always(
                "GET",
                "/base/v4/admin/limits",
                answer(
                        200,
                        "{\"jobs\":{\"concurrentLimit\":4,\"availableConcurrentLimit\":4,"
                                + "\"monthlyQuota\":800,\"availableMonthlyQuota\":759}}",
                        JSON));

        assertThat(check.untold(probe, "stub")).isEmpty();

        assertThat(remaining("export-quota")).isEqualTo(759);
        assertThat(remaining("export-jobs")).isEqualTo(4);

        stub.reset();
        stub.always("GET", "/base/v4/admin/limits", answer(200, "{\"jobs\":{}}", JSON));
        assertThat(check.untold(probe, "stub")).contains("the response contains no limits");
        stub.reset();
        stub.always("GET", "/base/v4/admin/limits", answer(200, "<html>", JSON));
        assertThat(check.untold(probe, "stub")).contains("the response contains no limits");
        assertThat(remaining("export-quota")).isEqualTo(759);
    }

    private long remaining(String limit) {
        return budget.state("clari/stub").orElseThrow().limits().stream()
                .filter(state -> state.limit().name().equals(limit))
                .findFirst()
                .orElseThrow()
                .remaining();
    }

    @Test
    void a_refused_key_is_passed_on_and_named() throws IOException {
        stub.always("GET", "/base/v1/users/user_1", answer(401, CLERK_REFUSES, JSON));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users/user_1", Caller.DEV, "Cache-Control: no-cache");

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("credential-refused");
        assertThat(reply.body()).isEqualTo(CLERK_REFUSES);
        assertThat(states.refused(new AccountId("clerk", "stub"))).isTrue();
        stub.reset();
        assertThat(Caller.call("GET", "/clerk@stub/v1/organizations", Caller.DEV)
                        .status())
                .isEqualTo(200);
        assertThat(states.refused(new AccountId("clerk", "stub"))).isFalse();
    }

    @Test
    void a_401_about_something_else_is_an_answer_like_others() throws IOException {
        stub.always("POST", "/base/v1/tokens/verify", answer(401, "{\"errors\":[{\"code\":\"token_invalid\"}]}", JSON));
        stub.always("POST", "/base/v4/export/activity", answer(401, "{\"code\":\"no_optin\"}", JSON));

        Caller.Reply clerk = Caller.callWith("{}", "POST", "/clerk@stub/v1/tokens/verify", Caller.DEV, JSON);
        Caller.Reply clari = Caller.callWith("{}", "POST", "/clari@stub/v4/export/activity", Caller.DEV, JSON);

        assertThat(List.of(clerk, clari)).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.values("Sluice-Outcome")).isEmpty();
        });
        assertThat(states.refused(new AccountId("clerk", "stub"))).isFalse();
        assertThat(states.refused(new AccountId("clari", "stub"))).isFalse();
    }

    @Test
    void a_refused_key_is_not_kept_as_the_first_answer() throws IOException {
        String name = "Idempotency-Key: refused-" + System.nanoTime();
        stub.answers(answer(401, ""), answer(200, "{\"delivery_id\":\"d1\"}", JSON));

        Caller.Reply refused = mail(name);
        Caller.Reply sent = mail(name);
        Caller.Reply again = mail(name);

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.header("Sluice-Outcome")).isEqualTo("credential-refused");
        assertThat(sent.status()).isEqualTo(200);
        assertThat(sent.values("Sluice-Outcome")).isEmpty();
        assertThat(again.body()).isEqualTo(sent.body());
        assertThat(again.header("Sluice-Replayed")).isEqualTo("true");
        assertThat(stub.received()).hasSize(2);
    }

    /** The value of the one series of that name with those tags. */
    private static double metric(String name, String... tags) {
        List<String> series = series(name, tags);
        assertThat(series).hasSize(1);
        return value(series.getFirst());
    }

    private static List<String> series(String name, String... tags) {
        try {
            return Management.metrics()
                    .lines()
                    .filter(line -> line.startsWith(name + "{"))
                    .filter(line -> Stream.of(tags).allMatch(line::contains))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double value(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ')));
    }

    private static Caller.Reply mail(String name) throws IOException {
        return Caller.callWith(
                "{\"to\":\"a@example.com\"}", "POST", "/customerio@stub/app/v1/send/email", Caller.DEV, JSON, name);
    }
}
