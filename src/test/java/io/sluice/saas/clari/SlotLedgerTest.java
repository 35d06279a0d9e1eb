package io.sluice.saas.clari;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.saas.clari.AdminLimits.LimitsReport;
import io.sluice.saas.clari.SlotLedger.MountSubmissionSlot;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each row and each field of the two tables in the ledger's comment. */
class SlotLedgerTest {
    private static final Duration EXPIRY = Duration.ofMinutes(1);
    private static final int SLOTS = 5;

    private final VirtualTime time = new VirtualTime();
    private final List<Integer> taken = new ArrayList<>();
    private final List<Integer> allowed = new ArrayList<>();
    private int foreign;
    private final SlotLedger ledger = new SlotLedger(time, EXPIRY, new SlotLedger.Listener() {
        @Override
        public void slotsTaken(int count, int ofOthers) {
            taken.add(count);
            foreign = ofOthers;
        }

        @Override
        public void slotsAllowed(int slots) {
            allowed.add(slots);
        }
    });

    private int taken() {
        return taken.isEmpty() ? 0 : taken.getLast();
    }

    private static LimitsReport reportOf(int taken, String... jobs) {
        return new LimitsReport(SLOTS, taken, Set.of(jobs), 1_000, 900);
    }

    private void stored(int jobs) {
        ledger.updateStored(null, jobs, 0, false);
    }

    private void storedWithReport(int jobs) {
        ledger.updateStored(null, jobs, 0, true);
    }

    private void startJob() {
        try (MountSubmissionSlot submission = ledger.beginMountSubmission()) {
            submission.answered();
            submission.jobStarted("team");
        }
    }

    /** The first table: a job from one state to the next. */
    @Nested
    class Jobs {
        @Test
        void in_flight_counts_by_its_permit_only() {
            MountSubmissionSlot submission = ledger.beginMountSubmission();

            assertThat(taken()).isZero();
            assertThat(ledger.hasMountSubmission()).isTrue();

            submission.close();
            assertThat(taken()).isZero();
            assertThat(ledger.hasMountSubmission()).isFalse();
        }

        @Test
        void answered_counts_until_it_is_closed_however_many_attempts_were_answered() {
            MountSubmissionSlot submission = ledger.beginMountSubmission();
            submission.answered();
            submission.answered();
            assertThat(taken()).isOne();

            submission.close();
            assertThat(taken()).isZero();
        }

        @Test
        void answered_becomes_unreported_without_a_moment_in_which_neither_counts() {
            startJob();

            assertThat(taken).containsExactly(1, 2, 1);
        }

        @Test
        void two_submissions_count_each() {
            MountSubmissionSlot one = ledger.beginMountSubmission();
            MountSubmissionSlot other = ledger.beginMountSubmission();
            one.answered();
            other.answered();
            assertThat(taken()).isEqualTo(2);

            one.close();
            assertThat(taken()).isOne();
            assertThat(ledger.hasMountSubmission()).isTrue();
            other.close();
            assertThat(ledger.hasMountSubmission()).isFalse();
        }

        @Test
        void own_submission_counts_once_from_its_answer_until_it_is_stored() {
            ledger.ownSubmissionAnswered();
            ledger.ownSubmissionAnswered();
            assertThat(taken()).isOne();

            stored(1);
            ledger.submissionCounted();
            assertThat(taken).containsExactly(1, 1, 2, 1);
        }

        @Test
        void own_submission_without_a_job_ends() {
            ledger.ownSubmissionAnswered();
            ledger.submissionCounted();

            assertThat(taken()).isZero();
        }

        @Test
        void unreported_outlives_numbers_of_the_store_that_no_poll_preceded() {
            startJob();

            stored(2);
            assertThat(taken()).isEqualTo(3);
            storedWithReport(2);
            assertThat(taken()).isEqualTo(3);
        }

        @Test
        void unreported_expires() {
            startJob();

            time.pass(EXPIRY.minusMillis(1));
            assertThat(taken()).isOne();
            time.pass(Duration.ofMillis(1));
            assertThat(taken()).isZero();
        }

        @Test
        void covered_counts_until_the_store_has_the_polls_report() {
            startJob();
            ledger.pollStarted();
            assertThat(taken()).isOne();

            stored(0);
            assertThat(taken()).isOne();
            storedWithReport(1);
            assertThat(taken()).isOne();
            storedWithReport(0);
            assertThat(taken()).isZero();
        }

        @Test
        void covered_stays_covered_by_a_second_poll() {
            startJob();
            ledger.pollStarted();
            startJob();
            ledger.pollStarted();

            storedWithReport(0);
            assertThat(taken()).isZero();
        }

        @Test
        void covered_expires() {
            startJob();
            ledger.pollStarted();

            time.pass(EXPIRY);
            assertThat(taken()).isZero();
        }

        @Test
        void unreported_beside_covered_stays() {
            startJob();
            ledger.pollStarted();
            startJob();

            storedWithReport(1);
            assertThat(taken()).isEqualTo(2);
        }

        @Test
        void stored_is_the_latest_number() {
            stored(3);
            assertThat(taken()).isEqualTo(3);

            stored(1);
            assertThat(taken()).isOne();
        }
    }

    /** The second table: Clari's number. */
    @Nested
    class VendorNumbers {
        private void refuse() {
            ledger.recordNoFreeSlot("team", reportOf(3));
        }

        @Test
        void none_becomes_reported() {
            ledger.recordReport(reportOf(3));

            assertThat(taken()).isEqualTo(3);
        }

        @Test
        void none_becomes_refused_with_all_slots_taken() {
            refuse();

            assertThat(taken()).isEqualTo(SLOTS);
        }

        @Test
        void none_stays_none() {
            ledger.pollStarted();
            storedWithReport(0);

            assertThat(taken()).isZero();
        }

        @Test
        void reported_is_replaced_by_a_report() {
            ledger.recordReport(reportOf(3));
            ledger.recordReport(reportOf(2));

            assertThat(taken()).isEqualTo(2);
        }

        @Test
        void reported_becomes_refused() {
            ledger.recordReport(reportOf(3));
            refuse();

            assertThat(taken()).isEqualTo(SLOTS);
        }

        @Test
        void reported_outlives_a_poll_and_numbers_of_the_store_without_the_report() {
            ledger.recordReport(reportOf(3));
            ledger.pollStarted();
            stored(1);

            assertThat(taken()).isEqualTo(3);
        }

        @Test
        void reported_ends_with_the_stores_numbers_that_include_it() {
            ledger.recordReport(reportOf(3));
            storedWithReport(1);

            assertThat(taken()).isOne();
        }

        @Test
        void reported_expires_and_only_by_its_own_time() {
            ledger.recordReport(reportOf(3));
            time.pass(EXPIRY.dividedBy(2));
            ledger.recordReport(reportOf(3));

            time.pass(EXPIRY.dividedBy(2));
            assertThat(taken()).isEqualTo(3);
            time.pass(EXPIRY.dividedBy(2));
            assertThat(taken()).isZero();
        }

        @Test
        void refused_ignores_the_report_of_a_poll_that_was_under_way() {
            ledger.pollStarted();
            refuse();
            ledger.recordReport(reportOf(1));
            storedWithReport(1);
            stored(1);

            assertThat(taken()).isEqualTo(SLOTS);
        }

        @Test
        void refused_is_replaced_by_a_refusal() {
            refuse();
            ledger.recordNoFreeSlot("team", new LimitsReport(4, 4, Set.of(), 1_000, 900));

            assertThat(taken()).isEqualTo(4);
        }

        @Test
        void refused_becomes_reported_with_its_number_when_a_poll_starts() {
            refuse();
            ledger.pollStarted();
            assertThat(taken()).isEqualTo(SLOTS);

            ledger.recordReport(reportOf(1));
            assertThat(taken()).isOne();
        }

        @Test
        void refused_ends_with_the_store_after_a_poll_was_started() {
            refuse();
            ledger.pollStarted();
            storedWithReport(1);

            assertThat(taken()).isOne();
        }

        @Test
        void refused_expires_also_after_a_poll_was_started() {
            refuse();
            ledger.pollStarted();

            time.pass(EXPIRY);
            assertThat(taken()).isZero();
        }

        @Test
        void the_larger_of_claris_number_and_the_jobs_counts() {
            ledger.recordReport(reportOf(2));
            stored(1);
            startJob();
            startJob();
            assertThat(taken()).isEqualTo(3);

            MountSubmissionSlot submission = ledger.beginMountSubmission();
            submission.answered();
            ledger.ownSubmissionAnswered();
            assertThat(taken()).as("submissions come on top").isEqualTo(5);
        }
    }

    @Test
    void how_many_slots_there_are_is_passed_on_after_the_taken_ones_and_only_if_the_store_has_another_number() {
        ledger.recordReport(reportOf(1));
        ledger.updateStored(SLOTS, 1, 0, true);
        ledger.updateStored(7, 1, 0, true);

        assertThat(allowed).containsExactly(SLOTS, 7);
    }

    @Test
    void jobs_of_the_mount_are_not_foreign_in_the_stores_numbers() {
        try (MountSubmissionSlot submission = ledger.beginMountSubmission()) {
            submission.recordJobId("ours");
        }
        ledger.recordReport(reportOf(3, "ours", "x", "y"));
        ledger.updateStored(null, 3, 3, true);
        assertThat(foreign).isEqualTo(2);

        ledger.updateStored(null, 0, 0, false);
        assertThat(foreign).isZero();
    }

    @Test
    void the_oldest_ids_of_jobs_are_dropped() {
        try (MountSubmissionSlot submission = ledger.beginMountSubmission()) {
            for (int job = 0; job <= 1_000; job++) {
                submission.recordJobId("job" + job);
            }
        }

        assertThat(ledger.isMountJob("job0")).isFalse();
        assertThat(ledger.isMountJob("job1")).isTrue();
        assertThat(ledger.isMountJob("job1000")).isTrue();
    }

    @Test
    void the_team_of_the_latest_export_on_the_mount_pays_for_polls_while_a_job_runs() {
        assertThat(ledger.teamToCharge()).isEmpty();
        startJob();
        assertThat(ledger.teamToCharge()).contains("team");

        ledger.recordNoFreeSlot("other", reportOf(3));
        assertThat(ledger.teamToCharge()).contains("other");

        time.pass(EXPIRY);
        assertThat(ledger.teamToCharge()).isEmpty();
    }
}
