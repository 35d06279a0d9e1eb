package io.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.budget.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** A task at an interval of a second, on a timer that is cranked by hand. */
class PeriodicTaskTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final List<Duration> delays = new ArrayList<>();
    private final Deque<Runnable> alarms = new ArrayDeque<>();
    private final Timer timer = (task, delay) -> {
        delays.add(delay);
        alarms.add(task);
        return () -> alarms.remove(task);
    };

    private int runs;

    @Test
    void the_first_run_comes_after_the_delay_and_each_further_one_after_the_interval() {
        PeriodicTask task = task(() -> true);

        task.start(Duration.ZERO);
        fire();
        fire();

        assertThat(runs).isEqualTo(2);
        assertThat(delays).containsExactly(Duration.ZERO, INTERVAL, INTERVAL);
    }

    @Test
    void a_task_without_work_rests_until_it_is_started_again() {
        PeriodicTask task = task(() -> false);

        task.start(INTERVAL);
        fire();
        boolean resting = alarms.isEmpty();
        task.start(INTERVAL);
        fire();

        assertThat(resting).isTrue();
        assertThat(runs).isEqualTo(2);
    }

    /** Work that came after the run had looked for it would wait for ever. */
    @Test
    void a_task_that_is_started_during_a_run_does_not_rest_after_it() {
        List<PeriodicTask> tasks = new ArrayList<>();
        PeriodicTask task = task(() -> {
            if (runs == 1) {
                tasks.getFirst().start(INTERVAL);
            }
            return false;
        });
        tasks.add(task);

        task.start(INTERVAL);
        fire();
        fire();

        assertThat(runs).isEqualTo(2);
        assertThat(alarms).isEmpty();
    }

    @Test
    void a_task_that_goes_on_is_started_once_however_often_it_is_asked_for() {
        PeriodicTask task = task(() -> true);

        task.start(INTERVAL);
        task.start(INTERVAL);
        fire();
        task.start(INTERVAL);

        assertThat(alarms).hasSize(1);
    }

    @Test
    void a_run_that_fails_is_not_the_last_one() {
        PeriodicTask task = task(() -> {
            throw new IllegalStateException("failed");
        });
        task.start(INTERVAL);

        assertThatThrownBy(this::fire).hasMessage("failed");

        assertThat(alarms).hasSize(1);
    }

    @Test
    void a_stopped_task_runs_no_more() {
        PeriodicTask task = task(() -> true);
        task.start(INTERVAL);

        task.stop();
        task.start(INTERVAL);

        assertThat(alarms).isEmpty();
    }

    @Test
    void a_task_that_is_stopped_during_a_run_is_not_scheduled_again() {
        List<PeriodicTask> tasks = new ArrayList<>();
        PeriodicTask task = task(() -> {
            tasks.getFirst().stop();
            return true;
        });
        tasks.add(task);

        task.start(INTERVAL);
        fire();

        assertThat(alarms).isEmpty();
    }

    @Test
    void threads_that_take_no_more_work_end_the_runs() {
        PeriodicTask task = new PeriodicTask(
                INTERVAL,
                timer,
                work -> {
                    throw new RejectedExecutionException();
                },
                () -> true);

        task.start(INTERVAL);
        fire();

        assertThat(alarms).isEmpty();
    }

    @Test
    void an_interrupted_run_is_the_last_one() {
        PeriodicTask task = task(() -> {
            throw new InterruptedException();
        });

        task.start(INTERVAL);
        fire();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(alarms).isEmpty();
    }

    private PeriodicTask task(PeriodicTask.Task run) {
        return new PeriodicTask(INTERVAL, timer, Runnable::run, () -> {
            runs++;
            return run.run();
        });
    }

    private void fire() {
        alarms.removeFirst().run();
    }
}
