package io.sluice;

import io.sluice.budget.Timer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A task that runs again and again at an interval: the next run begins an interval after the one before has ended, so
 * that runs never overlap. Thread-safe.
 */
public final class PeriodicTask {
    private final Duration interval;
    private final Timer timer;
    private final Executor threads;
    private final Task task;

    private Timer.Alarm alarm = () -> {}; // guarded by this
    private boolean active; // guarded by this; a run is scheduled or under way
    private boolean startedAgain; // guarded by this; since the run under way began
    private boolean stopped; // guarded by this

    /** One run of the task. */
    @FunctionalInterface
    public interface Task {
        /**
         * Runs once; may wait. A failure is logged by the task; one that it throws does not end the runs.
         *
         * @return false to rest until the task is started again
         * @throws InterruptedException if the process is stopping, which ends the runs for good
         */
        boolean run() throws InterruptedException;
    }

    /** @param threads runs the task, since a timer must not wait */
    public PeriodicTask(Duration interval, Timer timer, Executor threads, Task task) {
        this.interval = interval;
        this.timer = timer;
        this.threads = threads;
        this.task = task;
    }

    /** Starts the runs, the first one after {@code delay}, unless they are going on. Never waits. */
    public synchronized void start(Duration delay) {
        if (active) {
            startedAgain = true;
        } else {
            schedule(delay);
        }
    }

    /** Ends the runs for good; one that is under way goes on. Never waits. */
    public synchronized void stop() {
        stopped = true;
        active = false;
        alarm.cancel();
    }

    private synchronized void schedule(Duration delay) {
        active = !stopped;
        if (active) {
            alarm = timer.schedule(this::execute, delay);
        }
    }

    private void execute() {
        try {
            threads.execute(this::run);
        } catch (RejectedExecutionException e) {
            // The process is stopping.
            stop();
        }
    }

    private void run() {
        if (!begin()) {
            return;
        }
        boolean goesOn = true;
        try {
            goesOn = task.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        } finally {
            end(goesOn);
        }
    }

    private synchronized boolean begin() {
        startedAgain = false;
        return !stopped;
    }

    private synchronized void end(boolean goesOn) {
        if (goesOn || startedAgain) {
            schedule(interval);
        } else {
            active = false;
        }
    }
}
