package io.sluice.budget;

import io.sluice.budget.window.Limit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads do at once to one account, it is as if they had done it one after the other.
 *
 * <p>Runs behind the tests of whole processes, in a JVM of its own without Quarkus and coverage: Lincheck rewrites all classes
 * that are loaded, and they stay slow for the tests that follow.
 */
@Tag("own-jvm")
public class InterleavingsIT {
    private static final TeamShare TEAM = new TeamShare("team", 1, 100);

    private final Budget budget = new PacedBudget(() -> 0, (task, delay) -> () -> {});
    /** What each thread holds and waits for; nobody else looks at it. */
    private final List<Deque<Permit>> held = perThread();

    private final List<Deque<Ticket>> waiting = perThread();

    public InterleavingsIT() {
        budget.define("vendor/account", List.of(new Limit.Concurrency("jobs", 2)));
    }

    /** Takes a permit if there is one now. */
    @Operation
    public boolean take(@Param(gen = ThreadIdGen.class) int thread) {
        Decision[] decided = new Decision[1];
        budget.enqueue(request(Duration.ZERO), decision -> decided[0] = decision);
        if (decided[0] instanceof Decision.Granted granted) {
            held.get(thread).add(granted.permit());
            return true;
        }
        return false;
    }

    /** Joins the queue, and keeps for good what it is granted. */
    @Operation
    public void join(@Param(gen = ThreadIdGen.class) int thread) {
        waiting.get(thread).add(budget.enqueue(request(Duration.ofDays(1)), decision -> {}));
    }

    @Operation
    public boolean answer(@Param(gen = ThreadIdGen.class) int thread) {
        Permit permit = held.get(thread).poll();
        if (permit != null) {
            permit.complete(LimitFeedback.NONE);
        }
        return permit != null;
    }

    @Operation
    public boolean release(@Param(gen = ThreadIdGen.class) int thread) {
        Permit permit = held.get(thread).poll();
        if (permit != null) {
            permit.release();
        }
        return permit != null;
    }

    @Operation
    public boolean leave(@Param(gen = ThreadIdGen.class) int thread) {
        Ticket ticket = waiting.get(thread).poll();
        return ticket != null && ticket.cancel();
    }

    @Operation
    public long used() {
        return budget.state("vendor/account").orElseThrow().limits().getFirst().used();
    }

    @Operation
    public void change() {
        budget.change("vendor/account", new Limit.Concurrency("jobs", 1));
    }

    @Test
    void every_interleaving_is_as_if_one_came_after_the_other() {
        new ModelCheckingOptions()
                .iterations(2)
                .invocationsPerIteration(100)
                .threads(2)
                .actorsPerThread(3)
                .check(InterleavingsIT.class);
    }

    @Tag("proof")
    @Test
    void every_interleaving_is_as_if_one_came_after_the_other_however_many_one_tries() {
        new ModelCheckingOptions()
                .iterations(100)
                .invocationsPerIteration(2_000)
                .threads(3)
                .actorsPerThread(3)
                .check(InterleavingsIT.class);
    }

    @Tag("proof")
    @Test
    void every_race_of_real_threads_is_as_if_one_came_after_the_other() {
        new StressOptions()
                .iterations(20)
                .invocationsPerIteration(2_000)
                .threads(3)
                .actorsPerThread(3)
                .check(InterleavingsIT.class);
    }

    private static <T> List<Deque<T>> perThread() {
        List<Deque<T>> all = new ArrayList<>();
        for (int thread = 0; thread < 5; thread++) {
            all.add(new ArrayDeque<>());
        }
        return all;
    }

    private static PermitRequest request(Duration maxWait) {
        return new PermitRequest(
                "vendor/account",
                "export",
                List.of(LimitCost.on("jobs")),
                TEAM,
                Priority.INTERACTIVE,
                maxWait,
                Optional.empty());
    }
}
