package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.sluice.budget.Answer;
import io.sluice.budget.Budget;
import io.sluice.budget.Claim;
import io.sluice.budget.Decision;
import io.sluice.budget.Demand;
import io.sluice.budget.Flow;
import io.sluice.budget.Limit;
import io.sluice.budget.Limiter;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.simulation.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileMemoryTest {
    private static final String ACCOUNT = "clerk/default";
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path folder;

    private final VirtualTime time = new VirtualTime();

    @Test
    void an_account_that_was_open_is_open_after_a_restart() {
        Budget before = started();
        time.pass(Duration.ofMinutes(5));
        call(before, Answer.SILENT);
        before.drain();

        Budget after = started();
        time.pass(Duration.ofSeconds(1));

        assertThat(after.state(ACCOUNT).orElseThrow().closedFor()).isZero();
        assertThat(ask(after)).isInstanceOf(Decision.Granted.class);
    }

    @Test
    void what_was_sent_before_a_restart_still_counts() {
        Budget before = started();
        for (int i = 0; i < 4; i++) {
            call(before, Answer.SILENT);
            time.pass(Duration.ofSeconds(2));
        }
        before.drain();

        Budget after = started();

        assertThat(after.state(ACCOUNT).orElseThrow().limits().getFirst().used())
                .isEqualTo(4);
    }

    @Test
    void a_crash_counts_what_may_have_been_sent_unseen_as_used() {
        Budget crashed = started();
        call(crashed, Answer.SILENT);

        Budget after = started();

        assertThat(after.state(ACCOUNT).orElseThrow().limits().getFirst().used())
                .isPositive();
    }

    @Test
    void what_the_vendor_closed_stays_closed_over_a_restart() {
        Budget before = started();
        Duration retryAfter = Duration.ofMinutes(10);
        call(
                before,
                new Answer(
                        List.of(),
                        Optional.of(
                                new Answer.Throttle(Scope.ACCOUNT, Optional.of(retryAfter), Duration.ofSeconds(1)))));
        before.drain();

        Budget after = started();

        assertThat(after.state(ACCOUNT).orElseThrow().closedFor()).isBetween(retryAfter.minusMillis(10), retryAfter);
    }

    @Test
    void an_unreadable_file_does_not_stop_the_start() throws IOException {
        Files.writeString(folder.resolve("clerk@default.json"), "{half");

        Budget budget = started();

        assertThat(ask(budget)).isInstanceOf(Decision.Granted.class);
    }

    @Test
    void a_folder_that_vanished_stops_no_call() throws IOException {
        Budget budget = started();
        Files.delete(folder.resolve("clerk@default.json"));
        Files.delete(folder);

        for (int i = 0; i < 20; i++) {
            call(budget, Answer.SILENT);
            time.pass(Duration.ofSeconds(2));
        }

        assertThat(ask(budget)).isInstanceOf(Decision.Granted.class);
    }

    private Budget started() {
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        Budget budget = new PacedBudget(
                time, time, () -> START.plusNanos(time.read()), new FileMemory(folder, json, Runnable::run));
        budget.define(ACCOUNT, List.of(new Limit.Rate("instance", 10, Duration.ofSeconds(10), Limiter.UNKNOWN, 1)));
        time.pass(Duration.ofMillis(1));
        return budget;
    }

    private static void call(Budget budget, Answer answer) {
        Decision.Granted granted = (Decision.Granted) ask(budget);
        granted.permit().send();
        granted.permit().answered(answer);
    }

    private static Decision ask(Budget budget) {
        Decision[] decided = new Decision[1];
        budget.enqueue(
                new Demand(
                        ACCOUNT,
                        "read",
                        List.of(Claim.on("instance")),
                        new Flow("sales", 1, 10),
                        Priority.INTERACTIVE,
                        Duration.ZERO,
                        Optional.empty()),
                decision -> decided[0] = decision);
        return decided[0];
    }
}
