package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileBudgetStoreTest {
    private static final String ACCOUNT = "clerk/default";
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path folder;

    private final VirtualTime time = new VirtualTime();
    private @Nullable FileBudgetStore running;

    @AfterEach
    void ends() throws IOException {
        if (running != null) {
            running.close();
        }
    }

    @Test
    void an_account_that_was_open_is_open_after_a_restart() throws IOException {
        Budget before = started();
        time.pass(Duration.ofMinutes(5));
        call(before, LimitFeedback.NONE);
        before.drain();

        Budget after = started();
        time.pass(Duration.ofSeconds(1));

        assertThat(after.state(ACCOUNT).orElseThrow().closedFor()).isZero();
        assertThat(ask(after)).isInstanceOf(Decision.Granted.class);
    }

    @Test
    void what_was_sent_before_a_restart_still_counts() throws IOException {
        Budget before = started();
        for (int i = 0; i < 4; i++) {
            call(before, LimitFeedback.NONE);
            time.pass(Duration.ofSeconds(2));
        }
        before.drain();

        Budget after = started();

        assertThat(after.state(ACCOUNT).orElseThrow().limits().getFirst().used())
                .isEqualTo(4);
    }

    @Test
    void a_crash_counts_what_may_have_been_sent_unseen_as_used() throws IOException {
        Budget crashed = started();
        call(crashed, LimitFeedback.NONE);

        Budget after = started();

        assertThat(after.state(ACCOUNT).orElseThrow().limits().getFirst().used())
                .isPositive();
    }

    @Test
    void what_the_vendor_closed_stays_closed_over_a_restart() throws IOException {
        Budget before = started();
        Duration retryAfter = Duration.ofMinutes(10);
        call(
                before,
                new LimitFeedback(
                        List.of(),
                        Optional.of(new LimitFeedback.Throttle(
                                Scope.ACCOUNT, Optional.of(retryAfter), Duration.ofSeconds(1)))));
        before.drain();

        Budget after = started();

        assertThat(after.state(ACCOUNT).orElseThrow().closedFor()).isBetween(retryAfter.minusMillis(10), retryAfter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{half",
                "null",
                "[]",
                "{\"version\":1}",
                "{\"version\":-1,\"at\":\"2026-11-22T10:00:00Z\",\"counters\":[]}",
                "{\"version\":1,\"at\":\"2026-11-22T10:00:00Z\",\"counters\":[{\"limit\":\"instance\",\"variable\":\"\",\"inFlight\":-1}]}"
            })
    void an_unreadable_file_counts_as_the_whole_limit_used_and_stops_no_start(String content) throws IOException {
        Files.writeString(folder.resolve("clerk@default.json"), content);

        Budget budget = started();

        assertThat(used(budget)).isEqualTo(10);
        assertThat(ask(budget)).isInstanceOf(Decision.Denied.class);
        time.pass(Duration.ofSeconds(20));
        assertThat(ask(budget)).isInstanceOf(Decision.Granted.class);
    }

    @Test
    void a_file_that_is_gone_counts_as_the_whole_limit_used() throws IOException {
        started();
        Files.delete(folder.resolve("clerk@default.json"));

        Budget after = started();

        assertThat(used(after)).isEqualTo(10);
    }

    @Test
    void what_a_later_version_says_beyond_this_one_is_ignored() throws IOException {
        Budget before = started();
        call(before, LimitFeedback.NONE);
        before.drain();
        Path file = folder.resolve("clerk@default.json");
        String later = Files.readString(file)
                .replaceFirst("\\{", "{\"news\":{\"a\":[1]},")
                .replace("\"version\":1", "\"version\":2")
                .replace("\"variable\"", "\"colour\":3,\"variable\"");
        assertThat(later).contains("\"colour\"", "\"version\":2");
        Files.writeString(file, later);

        assertThat(used(started())).isEqualTo(1);
    }

    @Test
    void what_the_version_before_saved_is_read() throws IOException {
        // As version 0.1.0 wrote it: two calls, and no word of what it had granted since.
        Files.writeString(folder.resolve("clerk@default.json"), """
                {"at":"2026-11-22T09:59:59Z","complete":%s,"closedForNanos":5000000000,"closedOperationsNanos":{},
                 "counters":[{"limit":"instance","variable":"","arrivals":[{"agoNanos":100,"permits":1}],
                 "inFlight":1,"closedForNanos":0,"marginSteps":0,"lowered":0,"foreign":0}]}""".formatted(true));

        Budget after = started();

        assertThat(used(after)).isEqualTo(2);
        assertThat(after.state(ACCOUNT).orElseThrow().closedFor())
                .isBetween(Duration.ofMillis(3_990), Duration.ofSeconds(4));
    }

    @Test
    void what_the_version_before_may_have_granted_before_it_crashed_counts() throws IOException {
        Files.writeString(folder.resolve("clerk@default.json"), """
                {"at":"2026-11-22T09:59:59Z","complete":false,"closedForNanos":0,"closedOperationsNanos":{},
                 "counters":[]}""");

        // It saved once a second: a second's worth, the burst, and two.
        assertThat(used(started())).isEqualTo(1 + 1 + 2);
    }

    @Test
    void a_folder_that_vanished_stops_no_limit_of_less_than_a_minute() throws IOException {
        Budget budget = started();
        for (Path file : List.of(
                folder.resolve("clerk@default.json"), folder.resolve("clerk@default.saved"), folder.resolve("lock"))) {
            Files.delete(file);
        }
        Files.delete(folder);

        for (int i = 0; i < 20; i++) {
            call(budget, LimitFeedback.NONE);
            time.pass(Duration.ofSeconds(2));
        }

        assertThat(ask(budget)).isInstanceOf(Decision.Granted.class);
    }

    @Test
    void a_folder_belongs_to_one_process() throws IOException {
        started();

        assertThatThrownBy(() -> new FileBudgetStore(folder, new ObjectMapper(), Runnable::run))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has locked it");
    }

    private long used(Budget budget) {
        return budget.state(ACCOUNT).orElseThrow().limits().getFirst().used();
    }

    private Budget started() throws IOException {
        FileBudgetStore before = running;
        if (before != null) {
            before.close();
        }
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        FileBudgetStore memory = new FileBudgetStore(folder, json, Runnable::run);
        running = memory;
        Budget budget = new PacedBudget(time, time, () -> START.plusNanos(time.read()), memory);
        budget.define(ACCOUNT, List.of(new Limit.Rate("instance", 10, Duration.ofSeconds(10), Limiter.UNKNOWN, 1)));
        time.pass(Duration.ofMillis(1));
        return budget;
    }

    private static void call(Budget budget, LimitFeedback answer) {
        Decision.Granted granted = (Decision.Granted) ask(budget);
        granted.permit().send();
        granted.permit().complete(answer);
    }

    private static Decision ask(Budget budget) {
        Decision[] decided = new Decision[1];
        budget.enqueue(
                new PermitRequest(
                        ACCOUNT,
                        "read",
                        List.of(LimitCost.on("instance")),
                        new TeamShare("sales", 1, 10),
                        Priority.INTERACTIVE,
                        Duration.ZERO,
                        Optional.empty()),
                decision -> decided[0] = decision);
        return decided[0];
    }
}
