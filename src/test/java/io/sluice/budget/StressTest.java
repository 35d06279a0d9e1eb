package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StressTest {
    private static final int THREADS = 10_000;
    private static final int PERMITS = 7;

    @Test
    void ten_thousand_threads_share_a_few_permits_and_none_is_lost() throws InterruptedException {
        try (ScheduledExecutorService alarms = Executors.newSingleThreadScheduledExecutor()) {
            Timer timer = (task, delay) -> {
                Future<?> alarm = alarms.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> alarm.cancel(false);
            };
            Budget budget = new PacedBudget(System::nanoTime, timer);
            budget.define(
                    "vendor/account",
                    List.of(
                            new Limit.Concurrency("jobs", PERMITS),
                            new Limit.Rate("api", 2_000_000, Duration.ofSeconds(1), Limiter.BUCKET, 1_000_000)));
            AtomicInteger flying = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            AtomicInteger granted = new AtomicInteger();
            AtomicInteger left = new AtomicInteger();
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            AtomicInteger interrupted = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                PermitRequest request = request(thread);
                boolean interruptedFirst = thread % 20 == 0;
                boolean leaves = thread % 20 == 10;
                threads.add(Thread.ofVirtual().unstarted(() -> {
                    try {
                        if (interruptedFirst) {
                            Thread.currentThread().interrupt();
                        }
                        PermitWait wait = new PermitWait(budget, request);
                        if (leaves) {
                            Thread.startVirtualThread(wait::end);
                        }
                        Decision decision = wait.await().orElse(null);
                        if (decision == null) {
                            left.incrementAndGet();
                        } else if (decision instanceof Decision.Granted call) {
                            most.accumulateAndGet(flying.incrementAndGet(), Math::max);
                            granted.incrementAndGet();
                            Thread.onSpinWait();
                            flying.decrementAndGet();
                            end(call.permit(), granted.get());
                        }
                    } catch (InterruptedException e) {
                        interrupted.incrementAndGet();
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }

            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(failures).isEmpty();
            assertThat(most.get()).isLessThanOrEqualTo(PERMITS);
            assertThat(granted.get() + left.get() + interrupted.get()).isEqualTo(THREADS);
            Budget.AccountState state = budget.state("vendor/account").orElseThrow();
            assertThat(state.limits().getFirst().used()).isZero();
            assertThat(state.queues()).allMatch(queue -> queue.pending() == 0 && queue.inFlight() == 0);
            alarms.shutdownNow();
        }
    }

    private static void end(Permit permit, int which) {
        switch (which % 3) {
            case 0 -> permit.release();
            case 1 -> permit.abandon();
            default -> permit.complete(LimitFeedback.NONE);
        }
        permit.complete(LimitFeedback.NONE);
    }

    private static PermitRequest request(int thread) {
        return new PermitRequest(
                "vendor/account",
                "operation-" + thread % 3,
                List.of(LimitCost.on("api"), LimitCost.on("jobs")),
                new TeamShare("team-" + thread % 5, 1 + thread % 5, THREADS),
                thread % 2 == 0 ? Priority.INTERACTIVE : Priority.BULK,
                Duration.ofDays(1),
                Optional.empty());
    }
}
