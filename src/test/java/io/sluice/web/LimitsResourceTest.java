package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.AccountId;
import io.sluice.CapturedLog;
import io.sluice.budget.Budget;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.gateway.Caller;
import io.sluice.gateway.Caller.Reply;
import io.sluice.operator.LimitSettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code /api/limits} shows, changes and refuses. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@SuppressWarnings("NullAway.Init") // injected
class LimitsResourceTest {
    private static final String FATHOM = "/api/limits/fathom/default";
    private static final String ACCOUNT = FATHOM + "/account";
    private static final String JSON = "Content-Type: application/json";

    @Inject
    Budget budget;

    @Inject
    LimitSettings settings;

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(AdminLog.class);

    private List<Limit> before;

    @BeforeEach
    void remember() throws IOException {
        before = limits();
        Caller.call("DELETE", "/sandbox/faults");
    }

    @AfterEach
    void restore() {
        before.forEach(limit -> settings.restore(new AccountId("fathom", "default"), limit.name()));
        settings.resume(new AccountId("fathom", "default"));
    }

    @Test
    void one_account_shows_every_field_of_a_rate_limit() throws IOException {
        budget.change("fathom/default", new Limit.Rate("heavy", 7, Duration.ofSeconds(90), Limiter.BUCKET, 3));

        Reply reply = Caller.call("GET", FATHOM, Caller.BULK);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).startsWith("application/json");
        JsonObject account = new JsonObject(reply.body());
        assertThat(account.fieldNames())
                .contains("vendor", "account", "paused", "throttled", "limits", "closed_operations", "queue");
        assertThat(account.getString("vendor")).isEqualTo("fathom");
        assertThat(account.getString("account")).isEqualTo("default");
        assertThat(account.getBoolean("paused")).isFalse();
        assertThat(account.getJsonObject("throttled").fieldNames())
                .containsOnly("total", "avoidable", "foreign", "undocumented", "probe");
        JsonObject heavy = named(account.getJsonArray("limits"), "limit", "heavy");
        assertThat(heavy.fieldNames())
                .containsExactlyInAnyOrder(
                        "limit",
                        "kind",
                        "permits",
                        "window_ms",
                        "limiter",
                        "burst",
                        "bursts",
                        "counters",
                        "used",
                        "remaining",
                        "low",
                        "foreign",
                        "margin_ms");
        assertThat(heavy.getString("kind")).isEqualTo("rate");
        assertThat(heavy.getLong("permits")).isEqualTo(7);
        assertThat(heavy.getLong("window_ms")).isEqualTo(90_000);
        assertThat(heavy.getString("limiter")).isEqualTo("bucket");
        assertThat(heavy.getInteger("burst")).isEqualTo(3);
    }

    @Test
    void a_limit_of_calls_in_flight_has_no_window() throws IOException {
        Reply reply = Caller.call("GET", "/api/limits/clari/default", Caller.DEV);

        JsonArray limits = new JsonObject(reply.body()).getJsonArray("limits");
        JsonObject exports = named(limits, "kind", "in_flight");
        assertThat(exports.fieldNames())
                .contains("limit", "permits", "used", "remaining")
                .doesNotContain("window_ms", "limiter", "burst");
    }

    @Test
    void all_accounts_are_shown_as_each_is_alone() throws IOException {
        Reply all = Caller.call("GET", "/api/limits", Caller.DEV);

        Reply one = Caller.call("GET", "/api/limits/clari/gone", Caller.DEV);
        JsonArray accounts = new JsonObject(all.body()).getJsonArray("accounts");
        assertThat(accounts)
                .extracting(account ->
                        ((JsonObject) account).getString("vendor") + "/" + ((JsonObject) account).getString("account"))
                .containsExactlyInAnyOrderElementsOf(budget.states().stream()
                        .map(Budget.AccountState::account)
                        .toList());
        assertThat(new JsonObject(one.body()).getString("account")).isEqualTo("gone");
        assertThat(accounts).contains(new JsonObject(one.body()));
    }

    @Test
    void a_queue_counts_the_calls_of_its_team() throws IOException {
        long before = served("dev");

        Caller.call("GET", "/fathom/external/v1/teams", Caller.DEV);

        JsonObject queue = queue("dev");
        assertThat(queue.fieldNames())
                .containsExactlyInAnyOrder("team", "pending", "in_flight", "paused", "oldest_wait_ms", "served");
        assertThat(queue.getLong("served")).isEqualTo(before + 1);
        assertThat(queue.getInteger("pending")).isZero();
        assertThat(queue.getInteger("in_flight")).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/limits",
        "GET,/api/limits/fathom/default",
        "POST,/api/limits/fathom/default/pause",
        "POST,/api/limits/fathom/default/resume",
        "POST,/api/limits/fathom/default/account/reset",
        "PUT,/api/limits/fathom/default/account"
    })
    void nobody_gets_in_without_a_key(String method, String path) throws IOException {
        Reply none = Caller.callWith("{\"permits\":1}", method, path, JSON);
        Reply wrong = Caller.callWith("{\"permits\":1}", method, path, JSON, "Authorization: Bearer wr0ng-key");

        assertThat(List.of(none, wrong)).allSatisfy(reply -> {
            JsonObject problem = problem(reply, 401, "unauthenticated");
            assertThat(problem.getString("detail")).contains("team key").doesNotContain("wr0ng");
            assertThat(reply.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"sluice\"");
        });
        assertThat(unchanged()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/api/limits/fathom/default/pause",
        "POST,/api/limits/fathom/default/resume",
        "POST,/api/limits/fathom/default/account/reset",
        "PUT,/api/limits/fathom/default/account"
    })
    void only_admins_change_anything(String method, String path) throws IOException {
        Reply reply = Caller.callWith("{\"permits\":1}", method, path, JSON, Caller.BULK);

        assertThat(problem(reply, 403, "forbidden").getString("detail")).contains("admin");
        assertThat(unchanged()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"fathom/nobody", "nothing/default"})
    void an_unknown_account_is_told_which_ones_there_are(String account) throws IOException {
        Reply shown = Caller.call("GET", "/api/limits/" + account, Caller.DEV);
        Reply paused = Caller.call("POST", "/api/limits/" + account + "/pause", Caller.DEV);
        Reply changed =
                Caller.callWith("{\"permits\":1}", "PUT", "/api/limits/" + account + "/account", JSON, Caller.DEV);

        assertThat(List.of(shown, paused, changed))
                .allSatisfy(reply -> assertThat(problem(reply, 404, "not-found").getString("detail"))
                        .contains("no account " + account, "fathom/default", "clerk/default"));
    }

    @Test
    void an_unknown_limit_is_told_which_ones_there_are() throws IOException {
        Reply reply = put("{\"permits\":1}", FATHOM + "/nothing");

        assertThat(problem(reply, 404, "not-found").getString("detail"))
                .contains("fathom/default has no limit nothing", "account", "heavy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0000',
            value = {
                "{\"permits\":|malformed-json|400|line 1, column 12",
                "{ permits:1}|malformed-json|400|line 1, column 3",
                "{\"permits\":1,\"sk_live_1\":2}|malformed-json|400|in sk_live_1",
                "{\"permits\":\"many\"}|malformed-json|400|in permits",
                "{\"permits\":{}}|malformed-json|400|in permits",
                "{\"window_ms\":99999999999999999999}|malformed-json|400|in window_ms",
                "[1]|malformed-json|400|line 1",
                "{\"permits\":0}|invalid|422|permits must be greater than or equal to 1",
                "{\"permits\":-5}|invalid|422|permits must be greater than or equal to 1",
                "{\"window_ms\":-1}|invalid|422|window_ms must be greater than or equal to 1",
                "{\"window_ms\":31622400001}|invalid|422|window of limit account must be from 1 ms to 366 days",
                "{\"burst\":0}|invalid|422|burst must be greater than or equal to 1",
                "{\"burst\":2,\"limiter\":\"unknown\"}|invalid|422|say `window`",
                "{\"bursts\":\"stopped\"}|invalid|422|bursts must be allowed",
                "{\"limiter\":\"leaky\"}|invalid|422|limiter must be one of",
                "null|invalid|422|null"
            })
    void a_change_that_makes_no_sense_is_refused_and_changes_nothing(
            String body, String type, int status, String detail) throws IOException {
        Reply reply = put(body, ACCOUNT);

        assertThat(problem(reply, status, type).getString("detail")).contains(detail);
        assertThat(unchanged()).isTrue();
    }

    @Test
    void a_reset_forgets_what_a_limit_has_counted_and_logs_who_did_it_and_why() throws IOException {
        Caller.call("GET", "/fathom/external/v1/teams", Caller.DEV);
        assertThat(used("account")).isPositive();

        log.clear();
        Reply reply = post("{\"reason\":\"counted twice\\nadmin action: \\u2028 \\\"forged\\\"\"}", ACCOUNT + "/reset");

        assertThat(reply.status()).isEqualTo(200);
        JsonObject shown = named(new JsonObject(reply.body()).getJsonArray("limits"), "limit", "account");
        assertThat(shown.getLong("used")).isZero();
        assertThat(used("account")).isZero();
        assertThat(log.lines())
                .filteredOn(line -> line.startsWith("admin action"))
                .singleElement(STRING)
                .matches(
                        "admin action: action=reset-limit team=dev from=(127\\.0\\.0\\.1|[0-9a-f:%]+) request=req_[0-9A-HJKMNP-TV-Z]{26}"
                                + " vendor=fathom account=default limit=account used_before=[1-9][0-9]* used_after=0"
                                + " reason=\"counted twice admin action:   \\\\\"forged\\\\\"\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|422|reason must not be blank",
                "{\"reason\":\" \"}|422|reason must not be blank",
                "{\"reason\":null}|422|reason must not be blank",
                "{\"reason\":7,\"more\":1}|400|in",
                "null|422|null"
            })
    void a_reset_needs_a_reason(String body, int status, String detail) throws IOException {
        Caller.call("GET", "/fathom/external/v1/teams", Caller.DEV);

        Reply reply = post(body, ACCOUNT + "/reset");

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(new JsonObject(reply.body()).getString("detail")).contains(detail);
        assertThat(used("account")).isPositive();
    }

    @Test
    void a_reason_is_bounded() throws IOException {
        Reply reply = post("{\"reason\":\"" + "x".repeat(501) + "\"}", ACCOUNT + "/reset");

        assertThat(problem(reply, 422, "invalid").getString("detail")).contains("reason");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/limits/fathom/nobody/account/reset|no account fathom/nobody",
                "/api/limits/fathom/default/nothing/reset|fathom/default has no limit nothing"
            })
    void a_reset_of_what_is_not_there_is_told_what_is(String path, String detail) throws IOException {
        Reply reply = post("{\"reason\":\"mistyped\"}", path);

        assertThat(problem(reply, 404, "not-found").getString("detail")).contains(detail, "there are");
    }

    private long used(String limit) {
        return budget.state("fathom/default").orElseThrow().limits().stream()
                .filter(each -> each.limit().name().equals(limit))
                .mapToLong(Budget.LimitState::used)
                .sum();
    }

    private static Reply post(String body, String path) throws IOException {
        return Caller.callWith(body, "POST", path, JSON, Caller.DEV);
    }

    @Test
    void an_empty_body_changes_nothing_and_is_refused() throws IOException {
        Reply reply = put("", ACCOUNT);

        assertThat(reply.status()).isBetween(400, 422);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(unchanged()).isTrue();
    }

    @Test
    void the_second_line_is_counted() throws IOException {
        Reply reply = put("{\n  \"permits\": }", ACCOUNT);

        assertThat(problem(reply, 400, "malformed-json").getString("detail")).contains("line 2, column 14");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"window_ms\":1000}", "{\"limiter\":\"fixed\"}", "{\"permits\":9,\"burst\":1}"})
    void a_limit_of_calls_in_flight_takes_permits_only(String body) throws IOException {
        Budget.AccountState clari = budget.state("clari/default").orElseThrow();
        String limit = clari.limits().stream()
                .map(Budget.LimitState::limit)
                .filter(Limit.Concurrency.class::isInstance)
                .findFirst()
                .orElseThrow()
                .name();

        Reply reply = put(body, "/api/limits/clari/default/" + limit);

        assertThat(problem(reply, 422, "invalid").getString("detail")).contains(limit, "only its permits can change");
        assertThat(budget.state("clari/default").orElseThrow().limits())
                .extracting(Budget.LimitState::limit)
                .containsExactlyElementsOf(
                        clari.limits().stream().map(Budget.LimitState::limit).toList());
    }

    @Test
    void what_is_sent_as_another_type_is_refused() throws IOException {
        Reply reply = Caller.callWith("permits=1", "PUT", ACCOUNT, Caller.DEV, "Content-Type: text/plain");

        problem(reply, 415, "unsupported-media-type");
        assertThat(unchanged()).isTrue();
    }

    @Test
    void what_is_not_there_names_the_mounts() throws IOException {
        Reply nowhere = Caller.call("GET", "/api/nothing", Caller.DEV);
        Reply delete = Caller.call("DELETE", FATHOM, Caller.DEV);

        assertThat(problem(nowhere, 404, "not-found").getString("detail")).contains("/clerk", "/customerio/track");
        problem(delete, 405, "method-not-allowed");
    }

    @Test
    void problems_repeat_nothing_that_may_be_secret() throws IOException {
        List<Reply> replies = List.of(
                put("{\"permits\":\"s3cret\"}", ACCOUNT),
                put("{\"permits\": s3cret}", ACCOUNT),
                put("s3cret", ACCOUNT),
                Caller.call("GET", "/api/limits", "Authorization: Bearer s3cret"),
                Caller.call("GET", "/api/limits", "X-Api-Key: s3cret"));

        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.status()).isBetween(400, 422);
            assertThat(reply.text()).doesNotContain("s3cret", "sandbox-fathom-key", "sk_test", "io.sluice", "\tat ");
        });
    }

    @Test
    void a_change_shows_and_counts_at_once() throws IOException {
        Reply changed = put("{\"permits\":1000,\"window_ms\":1000,\"limiter\":\"bucket\",\"burst\":5}", ACCOUNT);

        assertThat(changed.status()).isEqualTo(200);
        JsonObject limit = named(new JsonObject(changed.body()).getJsonArray("limits"), "limit", "account");
        assertThat(limit.getLong("permits")).isEqualTo(1000);
        assertThat(limit.getLong("window_ms")).isEqualTo(1000);
        assertThat(limits()).contains(new Limit.Rate("account", 1000, Duration.ofSeconds(1), Limiter.BUCKET, 5));
        Reply call = Caller.call("GET", "/fathom/external/v1/teams", Caller.DEV);
        assertThat(call.values("RateLimit-Policy")).containsExactly("\"account\";q=1000;w=1");
    }

    @Test
    void what_a_change_leaves_out_stays() throws IOException {
        budget.change("fathom/default", new Limit.Rate("account", 50, Duration.ofSeconds(60), Limiter.FIXED, 4));

        Reply changed = put("{\"permits\":40}", ACCOUNT);

        assertThat(changed.status()).isEqualTo(200);
        assertThat(limits()).contains(new Limit.Rate("account", 40, Duration.ofSeconds(60), Limiter.FIXED, 4));
    }

    @Test
    void a_limiter_without_bursts_drops_the_burst_there_was() throws IOException {
        budget.change("fathom/default", new Limit.Rate("account", 50, Duration.ofSeconds(60), Limiter.FIXED, 4));

        Reply changed = put("{\"limiter\":\"sliding\"}", ACCOUNT);

        assertThat(changed.status()).isEqualTo(200);
        assertThat(limits())
                .contains(new Limit.Rate("account", 50, Duration.ofSeconds(60), Limiter.SLIDING, Limit.Rate.NO_BURST));
    }

    @Test
    void a_paused_account_refuses_who_will_not_wait_in_the_vendors_form() throws IOException {
        Reply paused = Caller.call("POST", FATHOM + "/pause", Caller.DEV);

        Reply refused = Caller.call("GET", "/fathom/external/v1/teams", Caller.BULK, "Prefer: wait=0");

        assertThat(new JsonObject(paused.body()).getBoolean("paused")).isTrue();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Content-Type")).isEqualTo("application/json");
        assertThat(new JsonObject(refused.body()).getString("message")).startsWith("Sluice: ");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isPositive();
    }

    @Test
    void a_paused_account_holds_calls_until_it_goes_on() throws Exception {
        Caller.call("POST", FATHOM + "/pause", Caller.DEV);
        CountDownLatch sent = new CountDownLatch(1);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Reply> waiting = callers.submit(() -> {
                try (Caller caller = Caller.connected()) {
                    caller.send("GET /fathom/external/v1/teams HTTP/1.1", List.of(Caller.BULK), "");
                    sent.countDown();
                    return caller.reply("GET");
                }
            });
            sent.await();
            while (queue("bulk").getInteger("pending") == 0 && !waiting.isDone()) {
                Thread.onSpinWait();
            }
            assertThat(waiting.isDone()).isFalse();

            Reply resumed = Caller.call("POST", FATHOM + "/resume", Caller.DEV);

            assertThat(new JsonObject(resumed.body()).getBoolean("paused")).isFalse();
            assertThat(waiting.get().status()).isEqualTo(200);
        }
        assertThat(queue("bulk").getInteger("pending")).isZero();
    }

    private static JsonObject problem(Reply reply, int status, String type) {
        assertThat(reply.status()).describedAs(reply.body()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        JsonObject problem = new JsonObject(reply.body());
        assertThat(problem.getString("type")).isEqualTo("urn:sluice:problem:" + type);
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("request_id")).isNotBlank();
        return problem;
    }

    private static Reply put(String body, String path) throws IOException {
        return Caller.callWith(body, "PUT", path, JSON, Caller.DEV);
    }

    private List<Limit> limits() {
        return budget.state("fathom/default").orElseThrow().limits().stream()
                .map(Budget.LimitState::limit)
                .toList();
    }

    private boolean unchanged() {
        return limits().equals(before)
                && !budget.state("fathom/default").orElseThrow().paused();
    }

    private static long served(String team) throws IOException {
        JsonArray queues = new JsonObject(Caller.call("GET", FATHOM, Caller.DEV).body()).getJsonArray("queue");
        return queues.stream()
                .map(JsonObject.class::cast)
                .filter(queue -> team.equals(queue.getString("team")))
                .mapToLong(queue -> queue.getLong("served"))
                .sum();
    }

    private static JsonObject queue(String team) throws IOException {
        JsonArray queues = new JsonObject(Caller.call("GET", FATHOM, Caller.DEV).body()).getJsonArray("queue");
        return queues.stream()
                .map(JsonObject.class::cast)
                .filter(queue -> team.equals(queue.getString("team")))
                .findFirst()
                .orElse(new JsonObject().put("pending", 0));
    }

    private static JsonObject named(JsonArray objects, String field, String value) {
        return objects.stream()
                .map(JsonObject.class::cast)
                .filter(object -> value.equals(object.getString(field)))
                .findFirst()
                .orElseThrow();
    }
}
