package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.budget.Budget.Inquiry;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Budget.Report;
import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.HeapBudgetStore;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a vendor reports of a limit is believed both ways, and our own calls count between two reports. */
class ReportedLimitTest {
    private static final String ACCOUNT = "vendor/account";
    private static final String QUOTA = "quota";
    private static final String JOBS = "jobs";
    private static final Duration MONTH = Duration.ofDays(30);
    private static final int PERMITS = 1_000;

    private final VirtualTime time = new VirtualTime();
    private final HeapBudgetStore disk = new HeapBudgetStore();
    private Budget budget = start();

    /** A process, with what the last one has left on the disk. */
    private Budget start() {
        Budget started = new PacedBudget(time, time, time, disk);
        started.define(
                ACCOUNT,
                List.of(new Limit.Rate(QUOTA, PERMITS, MONTH, Limiter.FIXED, PERMITS), new Limit.Concurrency(JOBS, 1)));
        return started;
    }

    @Test
    void what_is_left_is_what_the_vendor_says_whether_less_or_more() {
        report(959);
        assertThat(quota().remaining()).isEqualTo(959);

        report(12);
        assertThat(quota().remaining()).isEqualTo(12);

        report(1_000);
        assertThat(quota().remaining()).isEqualTo(1_000);
    }

    @Test
    void use_that_is_not_ours_is_foreign() {
        calls(5);

        report(PERMITS - 5 - 41);

        assertThat(quota().used()).isEqualTo(5);
        assertThat(quota().foreign()).isEqualTo(41);
        assertThat(quota().remaining()).isEqualTo(954);
    }

    @Test
    void our_own_calls_count_between_two_reports() {
        report(959);

        calls(3);
        assertThat(quota().remaining()).isEqualTo(956);

        report(956);
        assertThat(quota().remaining()).isEqualTo(956);
        assertThat(quota().used()).isEqualTo(3);
        assertThat(quota().foreign()).isEqualTo(41);
    }

    @Test
    void a_call_that_the_vendor_may_not_have_counted_yet_counts_on_top_until_it_is_asked_again() {
        Permit early = call();
        Inquiry inquiry = budget.inquire(ACCOUNT, QUOTA);
        Permit late = call();
        early.complete(LimitFeedback.NONE);

        // It has counted the first of them; whether that is so cannot be seen.
        budget.report(inquiry, said(999));
        assertThat(quota().remaining()).isEqualTo(997);

        late.complete(LimitFeedback.NONE);
        assertThat(quota().remaining()).isEqualTo(997);

        report(998);
        assertThat(quota().remaining()).isEqualTo(998);
        assertThat(quota().foreign()).isZero();
    }

    @Test
    void an_answer_that_was_overtaken_changes_nothing() {
        Inquiry first = budget.inquire(ACCOUNT, QUOTA);
        calls(2);
        report(500);
        calls(1);

        budget.report(first, said(1_000));

        assertThat(quota().remaining()).isEqualTo(499);
    }

    @Test
    void a_late_answer_does_not_undo_use_since_it_was_asked_for() {
        Inquiry inquiry = budget.inquire(ACCOUNT, QUOTA);
        calls(10);
        time.pass(Duration.ofMinutes(5));

        budget.report(inquiry, said(1_000));

        assertThat(quota().remaining()).isEqualTo(990);
    }

    @Test
    void a_unit_that_came_back_counts_no_more_and_only_once() {
        calls(10);

        report(995);
        assertThat(quota().used()).isEqualTo(5);
        assertThat(quota().remaining()).isEqualTo(995);

        time.pass(MONTH.plusHours(12));
        assertThat(quota().remaining()).isEqualTo(1_000);
        calls(1);
        assertThat(quota().remaining()).isEqualTo(999);
    }

    @Test
    void units_come_back_from_the_oldest_call_on() {
        calls(4);
        time.pass(Duration.ofDays(10));
        calls(6);

        report(993);
        assertThat(quota().used()).isEqualTo(7);

        // One of the first four is left, and six of the later.
        time.pass(Duration.ofDays(21));
        assertThat(quota().used()).isEqualTo(6);
    }

    @Test
    void nothing_left_refuses_and_a_report_of_more_lets_go() {
        report(0);
        assertThat(request(Duration.ZERO))
                .hasValueSatisfying(decision -> assertThat(decision).isInstanceOf(Denied.class));
        Deque<Decision> decided = new ArrayDeque<>();
        budget.enqueue(demanded(Duration.ofDays(365)), decided::add);
        time.pass(Duration.ofDays(1));
        assertThat(decided).isEmpty();

        report(1);

        assertThat(decided).hasSize(1).first().isInstanceOf(Granted.class);
        assertThat(quota().remaining()).isZero();
    }

    @Test
    void where_nobody_asks_again_the_use_of_others_counts_for_one_window() {
        report(0);
        Deque<Decision> decided = new ArrayDeque<>();
        budget.enqueue(demanded(Duration.ofDays(365)), decided::add);

        time.pass(MONTH.minusSeconds(1));
        assertThat(decided).isEmpty();
        time.pass(Duration.ofSeconds(1));

        assertThat(decided).hasSize(1).first().isInstanceOf(Granted.class);
        assertThat(quota().foreign()).isZero();
    }

    @Test
    void a_refusal_says_when_a_unit_returns_at_the_latest() {
        report(0);
        time.pass(Duration.ofDays(4));

        assertThat(request(Duration.ZERO).orElseThrow())
                .isInstanceOfSatisfying(
                        Denied.class,
                        refused -> assertThat(refused.retryAfter()).isEqualTo(Duration.ofDays(26)));
    }

    @Test
    void the_limit_is_the_smaller_of_the_two_numbers() {
        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(300), 290, false));
        assertThat(quota().permits()).isEqualTo(300);
        assertThat(quota().remaining()).isEqualTo(290);

        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(5_000), 4_900, false));
        assertThat(quota().permits()).isEqualTo(1_000);
        assertThat(quota().remaining()).as("of which others have used 100").isEqualTo(900);
    }

    @Test
    void a_guess_gives_way_to_a_larger_number_until_somebody_changes_it() {
        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(5_000), 3_000, true));
        assertThat(quota().permits()).isEqualTo(5_000);
        assertThat(quota().remaining()).isEqualTo(3_000);

        budget.change(ACCOUNT, new Limit.Rate(QUOTA, 2_500, MONTH, Limiter.FIXED, 2_500));
        assertThat(quota().permits()).isEqualTo(2_500);
        assertThat(quota().remaining()).isEqualTo(500);

        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(5_000), 3_000, true));
        assertThat(quota().remaining()).isEqualTo(500);
    }

    @Test
    void a_limit_that_is_changed_before_its_first_call_gives_way_to_no_larger_number() {
        budget.change(ACCOUNT, new Limit.Rate(QUOTA, 800, MONTH, Limiter.FIXED, 800));
        budget.change(ACCOUNT, new Limit.Concurrency(JOBS, 1));

        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(5_000), 3_000, true));
        budget.report(budget.inquire(ACCOUNT, JOBS), new Report(OptionalInt.of(7), 7, true));

        assertThat(quota().permits()).isEqualTo(800);
        assertThat(limit(JOBS).permits()).isOne();
    }

    @Test
    void a_limit_that_is_restored_is_a_guess_again() {
        budget.change(ACCOUNT, new Limit.Rate(QUOTA, 800, MONTH, Limiter.FIXED, 800));
        budget.change(ACCOUNT, new Limit.Concurrency(JOBS, 1));
        budget.report(budget.inquire(ACCOUNT, JOBS), new Report(OptionalInt.of(7), 7, true));

        budget.restore(ACCOUNT, QUOTA);
        budget.restore(ACCOUNT, JOBS);

        assertThat(quota().permits()).as("as it was defined").isEqualTo(1_000);
        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(5_000), 3_000, true));
        assertThat(quota().permits()).isEqualTo(5_000);
        assertThat(limit(JOBS).permits()).isEqualTo(7);
    }

    @Test
    void a_vendor_that_names_no_limit_is_taken_to_mean_the_defined_one() {
        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.empty(), 30, true));

        assertThat(quota().permits()).isEqualTo(1_000);
        assertThat(quota().remaining()).isEqualTo(30);
    }

    @Test
    void a_restart_forgets_neither_the_report_nor_our_calls_since() {
        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(5_000), 4_959, true));
        calls(9);
        time.pass(Duration.ofSeconds(2));
        budget.drain();
        time.pass(Duration.ofDays(3));

        budget = start();

        assertThat(quota().permits()).isEqualTo(5_000);
        assertThat(quota().foreign()).isEqualTo(41);
        assertThat(quota().remaining()).isEqualTo(4_950);
        budget.report(budget.inquire(ACCOUNT, QUOTA), new Report(OptionalInt.of(5_000), 4_951, true));
        assertThat(quota().remaining()).isEqualTo(4_951);

        time.pass(Duration.ofDays(31));
        assertThat(quota().remaining()).isEqualTo(5_000);
    }

    @Test
    void what_a_crash_made_count_heals_with_the_next_report() {
        calls(9);
        time.pass(Duration.ofSeconds(2));

        budget = start();

        report(991);
        assertThat(quota().remaining()).isEqualTo(991);
        assertThat(quota().used()).isEqualTo(9);
    }

    @Test
    void after_any_history_a_report_with_no_call_under_way_is_what_is_left() {
        for (long seed = 0; seed < 300; seed++) {
            history(new SplittableRandom(seed));
            time.pass(Duration.ofDays(70));
            disk.clear();
            budget = start();
        }
    }

    /** Ours, others' and cancelled calls at a vendor with a rolling window, which is asked now and then and answers late. */
    private void history(SplittableRandom random) {
        List<Long> counted = new ArrayList<>();
        Deque<Permit> open = new ArrayDeque<>();
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> open.add(counted(counted));
                case 3, 4 -> {
                    if (!open.isEmpty()) {
                        open.remove().complete(LimitFeedback.NONE);
                    }
                }
                case 5 -> {
                    if (random.nextBoolean()) {
                        counted.add(time.read());
                    } else if (!counted.isEmpty()) {
                        counted.remove(random.nextInt(counted.size()));
                    }
                }
                case 6 -> {
                    Inquiry inquiry = budget.inquire(ACCOUNT, QUOTA);
                    long left = left(counted);
                    if (random.nextBoolean()) {
                        counted(counted).complete(LimitFeedback.NONE);
                    }
                    budget.report(inquiry, said(left));
                    assertThat(quota().remaining()).isLessThanOrEqualTo(left(counted));
                }
                default -> time.pass(Duration.ofMinutes(random.nextInt(60 * 24 * 3)));
            }
        }
        open.forEach(permit -> permit.complete(LimitFeedback.NONE));
        report(left(counted));
        assertThat(quota().remaining()).isEqualTo(left(counted));
    }

    private Permit counted(List<Long> counted) {
        // Between two savings only some of a quota may be taken.
        time.pass(Duration.ofSeconds(2));
        counted.add(time.read());
        return call();
    }

    private long left(List<Long> counted) {
        counted.removeIf(at -> at + MONTH.toNanos() <= time.read());
        return (long) PERMITS - counted.size();
    }

    @Test
    void of_calls_in_flight_the_permits_are_taken_over_within_a_number_that_was_set() {
        budget.report(budget.inquire(ACCOUNT, JOBS), new Report(OptionalInt.of(3), 3, true));
        assertThat(jobs().permits()).isEqualTo(3);

        budget.change(ACCOUNT, new Limit.Concurrency(JOBS, 2));
        assertThat(jobs().permits()).isEqualTo(2);
        budget.report(budget.inquire(ACCOUNT, JOBS), new Report(OptionalInt.of(3), 3, true));
        assertThat(jobs().permits()).isEqualTo(2);
    }

    @Test
    void work_of_others_that_occupies_permits_is_foreign_use() {
        budget.report(budget.inquire(ACCOUNT, JOBS), new Report(OptionalInt.of(5), 5, true));

        budget.setExternalUse(ACCOUNT, JOBS, 3, 2);

        assertThat(jobs().used()).isOne();
        assertThat(jobs().foreign()).isEqualTo(2);
        assertThat(jobs().remaining()).isEqualTo(2);
    }

    @Test
    void what_cannot_be_true_is_refused() {
        assertThatThrownBy(() -> new Report(OptionalInt.of(0), 1, true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Report(OptionalInt.empty(), -1, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> budget.inquire(ACCOUNT, "nothing")).isInstanceOf(IllegalArgumentException.class);
    }

    private void report(long left) {
        budget.report(budget.inquire(ACCOUNT, QUOTA), said(left));
    }

    private static Report said(long left) {
        return new Report(OptionalInt.of(PERMITS), left, false);
    }

    private void calls(int calls) {
        for (int call = 0; call < calls; call++) {
            call().complete(LimitFeedback.NONE);
        }
    }

    private Permit call() {
        Permit permit = ((Granted) request(Duration.ZERO).orElseThrow()).permit();
        permit.send();
        return permit;
    }

    private Optional<Decision> request(Duration maxWait) {
        Deque<Decision> decided = new ArrayDeque<>();
        budget.enqueue(demanded(maxWait), decided::add);
        return Optional.ofNullable(decided.poll());
    }

    private static PermitRequest demanded(Duration maxWait) {
        return new PermitRequest(
                ACCOUNT,
                "order",
                List.of(LimitCost.on(QUOTA)),
                new TeamShare("team", 1, 100),
                Priority.INTERACTIVE,
                maxWait,
                Optional.empty());
    }

    private LimitState quota() {
        return limit(QUOTA);
    }

    private LimitState jobs() {
        return limit(JOBS);
    }

    private LimitState limit(String name) {
        return budget.state(ACCOUNT).orElseThrow().limits().stream()
                .filter(limit -> limit.limit().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
