package io.sluice.saas.clari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.window.Limit;
import io.sluice.call.Call;
import io.sluice.call.CallBuilder;
import io.sluice.call.CallMeters;
import io.sluice.call.Permits;
import io.sluice.call.PlayedAttempts;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.ConnectionLostException;
import io.sluice.call.failure.VendorThrottledException;
import io.sluice.call.failure.VendorUnreachableException;
import io.sluice.export.ConfiguredExports;
import io.sluice.saas.LimitConfig;
import io.sluice.saas.PlayedExportCalls;
import io.sluice.saas.clari.AdminLimits.LimitsReport;
import io.sluice.simulation.VirtualTime;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many slots the budget believes to be taken, and what becomes of requests on the mount. */
class ClariSlotsTest {
    private static final String FULL = "{\"code\":\"export_monthly_quota_reached\",\"message\":\"reached\"}";

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = new PacedBudget(time, time);
    private final CallMeters meters = new CallMeters();
    private final Permits permits = PlayedAttempts.permits(budget, time, meters);
    private final PlayedAttempts attempts = new PlayedAttempts(time, meters);
    private final Deque<LimitsReport> limits = new ArrayDeque<>();
    private final ConfiguredExports config = new ConfiguredExports();
    private final Map<String, LimitConfig> configured = new HashMap<>();
    private final ClariConfig clari = PlayedClari.config(configured);
    private final ReportedLimits reported = new ReportedLimits(budget, clari, config, time);
    private final AdminLimits adminLimits = new AdminLimits(
            clari, PlayedClari.api(), PlayedExportCalls.of((call, api) -> limits(), config, time), reported);
    private final ClariSlots slots = new ClariSlots(budget, time, config, reported, adminLimits);
    private final SlotLedger ledger = slots.of("default");
    private final MountSubmission mount = new MountSubmission(slots, adminLimits, time);

    ClariSlotsTest() {
        budget.define(
                "clari/default",
                List.of(
                        Limit.Rate.of(ClariLimits.API, 100, Duration.ofSeconds(1)),
                        new Limit.Concurrency(ClariLimits.EXPORT_JOBS, 3),
                        Limit.Rate.of(ClariLimits.EXPORT_QUOTA, 1_000, AdminLimits.QUOTA_WINDOW)));
    }

    @Test
    void a_job_on_the_mount_counts_until_clari_has_told_of_it() {
        place(200, "{}");
        assertThat(taken()).isOne();

        ledger.pollStarted();
        known(0, false);
        assertThat(taken()).as("until the answer is there").isOne();

        known(1, true);
        assertThat(taken()).isOne();

        known(0, false);
        assertThat(taken()).isZero();
    }

    @Test
    void a_job_that_was_started_while_clari_was_asked_counts_beside_the_answer() {
        place(200, "{}");
        ledger.pollStarted();
        place(200, "{}");

        known(1, true);

        assertThat(taken()).isEqualTo(2);
    }

    @Test
    void an_answer_that_never_comes_leaves_the_jobs_counted() {
        place(200, "{}");
        ledger.pollStarted();
        ledger.pollStarted();

        known(1, true);

        assertThat(taken()).isOne();
    }

    @Test
    void a_job_does_not_count_for_good_where_nobody_asks() {
        place(200, "{}");

        time.pass(config.slotPoll().minusMillis(1));
        assertThat(taken()).isOne();

        time.pass(Duration.ofMillis(1));
        assertThat(taken()).isZero();
        assertThat(slots.teamToCharge("default")).isEmpty();
    }

    @Test
    void an_order_counts_once_at_any_moment() {
        Response answer = place(call -> {
            assertThat(jobs().used()).as("by its permit").isOne();
            assertThat(taken()).isZero();
            assertThat(ledger.hasMountSubmission()).isTrue();
            return answer(400, "{\"code\":\"bad_request\"}");
        });

        assertThat(answer.getStatus()).isEqualTo(400);
        assertThat(taken()).isZero();
        assertThat(jobs().used()).isZero();
        assertThat(ledger.hasMountSubmission()).isFalse();
    }

    @Test
    void an_order_counts_between_its_answer_and_its_job() {
        Call call = call();

        mount.send(call, sent -> {
            Response answer = attempt(sent, on -> answer(200, "{}"));
            assertThat(taken()).isOne();
            return answer;
        });

        assertThat(taken()).isOne();
    }

    @Test
    void an_order_that_was_never_sent_is_not_in_the_way_of_its_next_attempt() {
        budget.change("clari/default", new Limit.Concurrency(ClariLimits.EXPORT_JOBS, 1));

        Response answer = mount.send(call(), sent -> {
            assertThatThrownBy(() -> attempt(sent, on -> {
                        throw new ConnectException();
                    }))
                    .isInstanceOf(VendorUnreachableException.class);
            return attempt(sent, on -> answer(200, "{}"));
        });

        assertThat(answer.getStatus()).isEqualTo(200);
        assertThat(taken()).isOne();
    }

    @Test
    void an_order_whose_answer_was_lost_counts_as_a_job() {
        Call call = call();

        assertThatThrownBy(() -> mount.send(
                        call,
                        sent -> attempt(sent, on -> {
                            throw new IOException("reset");
                        })))
                .isInstanceOf(ConnectionLostException.class);

        assertThat(taken()).isOne();
    }

    @Test
    void an_order_of_our_own_counts_from_its_answer_until_it_is_settled() {
        Call call = call();
        call.attempts().beforeSettling(() -> ledger.ownSubmissionAnswered());
        attempt(call, on -> {
            assertThat(taken()).isZero();
            return answer(200, "{}");
        });
        assertThat(taken()).isOne();

        ledger.submissionCounted();
        assertThat(taken()).isZero();
    }

    @Test
    void an_order_that_was_refused_for_its_slot_goes_back_to_the_queue_until_clari_is_asked_again() {
        limits.add(new LimitsReport(3, 2, Set.of("x", "y"), 1_000, 900));
        known(1, false);

        assertThatThrownBy(() -> place(400, FULL)).isInstanceOf(VendorThrottledException.class);

        // Whatever Clari says: it has just refused one.
        assertThat(taken()).isEqualTo(3);
        assertThat(slots.teamToCharge("default")).contains("team");
        ledger.pollStarted();
        known(2, true);
        assertThat(taken()).isEqualTo(2);
    }

    @Test
    void a_refusal_does_not_count_for_good_where_nobody_asks() {
        limits.add(new LimitsReport(3, 3, Set.of(), 1_000, 900));
        assertThatThrownBy(() -> place(400, FULL)).isInstanceOf(VendorThrottledException.class);

        time.pass(config.slotPoll());

        assertThat(taken()).isZero();
    }

    @Test
    void what_clari_says_counts_before_the_store_knows_and_no_longer() {
        ledger.recordReport(new LimitsReport(5, 4, Set.of(), 1_000, 900));
        assertThat(taken()).isEqualTo(4);
        assertThat(jobs().permits()).isEqualTo(5);

        known(2, false);
        assertThat(taken()).isEqualTo(4);

        known(3, true);
        assertThat(taken()).isEqualTo(3);
    }

    @Test
    void a_refusal_while_clari_is_asked_outlives_the_answer() {
        limits.add(new LimitsReport(3, 2, Set.of(), 1_000, 900));
        ledger.pollStarted();
        assertThatThrownBy(() -> place(400, FULL)).isInstanceOf(VendorThrottledException.class);

        ledger.recordReport(new LimitsReport(3, 1, Set.of(), 1_000, 900));
        known(1, true);
        assertThat(taken()).isEqualTo(3);

        ledger.pollStarted();
        known(1, true);
        assertThat(taken()).isOne();
    }

    @Test
    void how_many_slots_there_are_is_known_from_the_store_too() {
        ledger.updateStored(7, 2, 0, false);

        assertThat(jobs().permits()).isEqualTo(7);
        assertThat(taken()).isEqualTo(2);
    }

    @Test
    void an_order_that_was_refused_for_the_quota_is_answered_as_clari_did() throws IOException {
        limits.add(new LimitsReport(3, 0, Set.of(), 1_000, 0));

        Response answer = place(400, FULL);

        assertThat(answer.getStatus()).isEqualTo(400);
        assertThat(VendorResponse.of(answer).body()).hasContent(FULL);
        assertThat(taken()).isZero();
    }

    @Test
    void an_order_is_answered_as_clari_did_where_nobody_knows_why_it_was_refused() {
        Response answer = place(400, FULL);

        assertThat(VendorResponse.of(answer).body()).hasContent(FULL);
        assertThat(taken()).isZero();
    }

    @Test
    void another_refusal_is_no_reason_to_ask() {
        limits.add(new LimitsReport(3, 3, Set.of(), 1_000, 900));

        Response answer = place(400, "{\"code\":\"bad_request\"}");

        assertThat(VendorResponse.of(answer).body()).hasContent("{\"code\":\"bad_request\"}");
        assertThat(limits).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"jobId\":\"j1\"}", "{\"job\":{\"id\":\"j1\"}}"})
    void jobs_of_the_mount_are_remembered_by_account(String answer) {
        Response passedOn = place(200, answer);

        assertThat(VendorResponse.of(passedOn).body()).hasContent(answer);
        assertThat(ledger.isMountJob("j1")).isTrue();
        assertThat(ledger.isMountJob("j2")).isFalse();
        assertThat(slots.of("other").isMountJob("j1")).isFalse();
    }

    @Test
    void an_answer_that_names_no_job_is_passed_on_as_it_is() {
        Response passedOn = place(200, "not JSON");

        assertThat(VendorResponse.of(passedOn).body()).hasContent("not JSON");
        assertThat(taken()).isOne();
    }

    @Test
    void jobs_that_nobody_started_through_sluice_are_foreign_use() {
        place(200, "{\"jobId\":\"ours\"}");
        ledger.pollStarted();
        ledger.recordReport(new LimitsReport(5, 4, Set.of("ours", "x", "y", "stored"), 1_000, 900));
        ledger.updateStored(5, 4, 3, true);

        assertThat(jobs().used())
                .as("one of the store's and one of the mount's")
                .isEqualTo(2);
        assertThat(jobs().foreign()).isEqualTo(2);
        assertThat(jobs().remaining()).isOne();
    }

    @Test
    void a_configured_number_bounds_what_clari_allows() {
        configured.put(ClariLimits.EXPORT_JOBS, PlayedClari.permits(3));

        ledger.recordReport(new LimitsReport(5, 0, Set.of(), 1_000, 900));
        assertThat(reported.slots("default")).isEqualTo(3);

        ledger.recordReport(new LimitsReport(2, 0, Set.of(), 1_000, 900));
        assertThat(reported.slots("default")).isEqualTo(2);
    }

    @Test
    void the_quota_is_what_clari_says_unless_a_smaller_one_is_configured() {
        report(5_000, 4_900);
        assertThat(quota().permits()).as("1000 is a guess").isEqualTo(5_000);
        assertThat(quota().remaining()).isEqualTo(4_900);

        configured.put(ClariLimits.EXPORT_QUOTA, PlayedClari.permits(1_000));
        report(5_000, 4_900);
        assertThat(quota().permits()).isEqualTo(1_000);
        assertThat(quota().foreign()).isEqualTo(100);
        assertThat(quota().remaining()).isEqualTo(900);
    }

    @Test
    void a_refused_order_counts_until_clari_is_asked_again() {
        report(1_000, 1_000);
        place(400, "{\"code\":\"bad_request\"}");
        assertThat(quota().remaining()).isEqualTo(999);

        report(1_000, 1_000);

        assertThat(quota().remaining()).isEqualTo(1_000);
    }

    @Test
    void a_used_up_quota_is_asked_for_again_until_a_unit_returns() {
        assertThat(reported.teamToCharge("default")).isEmpty();
        report(1_000, 0);
        assertThat(reported.isUsedUp("default")).isTrue();
        assertThat(reported.teamToCharge("default")).as("just asked").isEmpty();

        time.pass(config.slotPoll());
        assertThat(reported.teamToCharge("default")).contains("team");

        report(1_000, 1);
        time.pass(config.slotPoll());
        assertThat(reported.isUsedUp("default")).isFalse();
        assertThat(reported.teamToCharge("default")).isEmpty();
    }

    private void report(int quota, int left) {
        reported.report("default", reported.inquire("default", "team"), new LimitsReport(3, 0, Set.of(), quota, left));
    }

    private Budget.LimitState quota() {
        return limit(ClariLimits.EXPORT_QUOTA);
    }

    private Result limits() {
        return limits.isEmpty()
                ? new Result.Shed(Decision.Reason.DEADLINE, Duration.ofSeconds(5))
                : PlayedClari.answer(limits.remove());
    }

    private Response place(int status, String body) {
        return place(call -> answer(status, body));
    }

    private Response place(PlayedAttempts.Wire wire) {
        return mount.send(call(), sent -> attempt(sent, wire));
    }

    /** Sends a request, for a permit, as the interface does. */
    private Response attempt(Call call, PlayedAttempts.Wire wire) {
        // The limit of all calls is spread over its second.
        time.pass(Duration.ofMillis(20));
        try {
            assertThat(permits.obtain(call, Duration.ZERO)).isInstanceOf(Decision.Granted.class);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return attempts.make(call, wire);
    }

    private static Response answer(int status, String body) {
        return Response.status(status)
                .entity(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))
                .build();
    }

    private static Call call() {
        return CallBuilder.of("POST", "/v4/export/forecast/f")
                .account(CallBuilder.account("clari", "default"))
                .operation(ClariSurface.SUBMIT_EXPORT)
                .dialect(new ClariDialect())
                .make();
    }

    private void known(int jobs, boolean learned) {
        ledger.updateStored(null, jobs, 0, learned);
    }

    /** Slots that count without a call in flight. */
    private long taken() {
        long inFlight = budget.state("clari/default").orElseThrow().queues().stream()
                .mapToLong(Budget.QueueState::inFlight)
                .sum();
        return jobs().used() + jobs().foreign() - inFlight;
    }

    private Budget.LimitState jobs() {
        return limit(ClariLimits.EXPORT_JOBS);
    }

    private Budget.LimitState limit(String name) {
        return budget.state("clari/default").orElseThrow().limits().stream()
                .filter(limit -> limit.limit().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
