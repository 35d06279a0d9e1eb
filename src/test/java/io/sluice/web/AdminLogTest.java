package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.CapturedLog;
import io.sluice.gateway.Caller;
import io.sluice.gateway.StubVendors;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the log tells of admins. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
class AdminLogTest {
    private static final String LIMITS = "/api/limits/fathom/stub";
    private static final String QUEUES = "/api/deliveries/queues/customerio/later";
    private static final String JSON = "Content-Type: application/json";

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(AdminLog.class);

    @Test
    void every_action_of_an_admin_is_one_line_with_who_and_from_where() throws IOException {
        Caller.Reply paused = Caller.call("POST", LIMITS + "/pause", Caller.DEV);
        Caller.call("POST", LIMITS + "/resume", Caller.DEV);
        Caller.callWith("{\"permits\":59}", "PUT", LIMITS + "/account", Caller.DEV, JSON);
        Caller.callWith("{\"permits\":60}", "PUT", LIMITS + "/account", Caller.DEV, JSON);
        Caller.call("POST", QUEUES + "/pause", Caller.DEV);
        Caller.call("POST", QUEUES + "/drain", Caller.DEV);
        Caller.call("POST", QUEUES + "/resume", Caller.DEV);
        Caller.call("POST", "/api/deliveries/replay?vendor=customerio&reason=x%0Ay%20%22z%22", Caller.DEV);

        assertThat(actions())
                .containsExactly(
                        "pause",
                        "resume",
                        "change-limit",
                        "change-limit",
                        "pause-deliveries",
                        "drain-deliveries",
                        "resume-deliveries",
                        "replay-deliveries");
        assertThat(log.lines().getFirst())
                .matches("admin action: action=pause team=dev from=[0-9a-f.:]+ request="
                        + paused.header("Sluice-Request-Id") + " vendor=fathom account=stub");
        assertThat(log.lines()).noneMatch(line -> line.contains("dev-key")).noneMatch(line -> line.contains("\n"));
        assertThat(log.lines().getLast()).contains("reason=\"x y \\\"z\\\"\"", "messages=0");
    }

    @Test
    void what_an_admin_does_to_another_teams_work_is_an_action_and_names_the_team() throws IOException {
        Caller.call("POST", QUEUES + "/pause", Caller.DEV);
        try {
            String delivery = Caller.callWith(
                            "{}", "PUT", "/customerio@later/track/api/v1/customers/admin-log", Caller.BULK, JSON)
                    .header("Sluice-Delivery");
            String export = new JsonObject(Caller.callWith(
                                    "{\"vendor\":\"clari\",\"forecast\":\"admin_log\",\"periods\":[\"2026_Q1\"]}",
                                    "POST",
                                    "/api/exports",
                                    Caller.BULK,
                                    JSON)
                            .body())
                    .getString("id");
            log.clear();

            Caller.call("DELETE", "/api/deliveries/" + delivery, Caller.DEV);
            Caller.call("DELETE", "/api/exports/" + export, Caller.DEV);

            assertThat(actions()).containsExactly("delete-delivery", "cancel-export");
            assertThat(log.lines().getFirst()).contains(" delivery=" + delivery + " of=bulk messages=1");
            assertThat(log.lines().getLast()).contains(" export=" + export + " of=bulk");
        } finally {
            Caller.call("POST", QUEUES + "/resume", Caller.DEV);
        }
    }

    @Test
    void what_is_refused_or_anybody_may_do_is_no_action_of_an_admin() throws IOException {
        Caller.call("POST", LIMITS + "/pause", Caller.BULK);
        Caller.call("POST", "/api/limits/fathom/nobody/pause", Caller.DEV);
        Caller.callWith("{\"permits\":0}", "PUT", LIMITS + "/account", Caller.DEV, JSON);
        Caller.call("POST", "/api/deliveries/replay?vendor=customerio", Caller.BULK);
        Caller.call("GET", LIMITS, Caller.DEV);

        assertThat(log.lines()).isEmpty();
    }

    private List<String> actions() {
        return log.lines().stream()
                .map(line -> line.replaceFirst(".* action=([a-z-]+) .*", "$1"))
                .toList();
    }
}
