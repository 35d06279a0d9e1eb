package io.sluice.delivery;

import io.sluice.FailureLog;
import io.sluice.PeriodicTask;
import io.sluice.budget.Timer;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * The delivery workers of a process: runs them for every queue that has messages, when a call is accepted here, and on
 * every tick for messages that other processes accepted or that have become due. Thread-safe.
 */
final class DeliveryWorkers {
    private static final Logger LOG = Logger.getLogger(DeliveryWorkers.class);

    private final FailureLog failures = new FailureLog(LOG);

    private final Map<String, Map<String, MessageSender>> senders = new HashMap<>(); // by vendor and destination
    private final QueueStats stats;
    private final DeliveryWorker.WorkerContext context;
    private final Executor threads;
    private final PeriodicTask ticks;

    private final Map<Integer, WorkerSlot> slots = new HashMap<>(); // guarded by this
    private final CountDownLatch idle = new CountDownLatch(1); // every worker has ended, and no new one starts
    private int running; // guarded by this; workers under way
    private boolean started; // guarded by this
    private boolean pollPending; // guarded by this; a poll is about to begin
    private boolean stopped; // guarded by this

    DeliveryWorkers(
            List<MessageSender> senders,
            QueueStats stats,
            DeliveryWorker.WorkerContext context,
            Timer timer,
            Executor threads) {
        senders.forEach(sender -> this.senders
                .computeIfAbsent(sender.vendor(), vendor -> new HashMap<>())
                .put(sender.destination(), sender));
        this.stats = stats;
        this.context = context;
        this.ticks = new PeriodicTask(context.config().pollInterval(), timer, threads, this::tick);
        this.threads = threads;
    }

    /** The worker of one queue, and how many threads run it. */
    private record WorkerSlot(DeliveryWorker worker, AtomicInteger busyThreads) {}

    /** Starts to deliver, until {@link #halt}. */
    void start() {
        synchronized (this) {
            started = true;
        }
        ticks.start(Duration.ZERO);
    }

    /** Stops claiming. Calls that are under way go on. */
    synchronized void halt() {
        stopped = true;
        ticks.stop();
        if (running == 0) {
            idle.countDown();
        }
    }

    /**
     * Waits until the calls under way have ended after {@link #halt}, but no longer than that; the rest is repeated
     * when its lease ends.
     */
    void awaitIdle(Duration atMost) throws InterruptedException {
        if (!idle.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            LOG.warnf(
                    "delivery shutdown timed out after %s, calls in flight are repeated when their lease ends", atMost);
        }
    }

    /** Starts a poll because messages were accepted. Never waits. */
    void wake() {
        synchronized (this) {
            if (!started || stopped || pollPending) {
                return;
            }
            pollPending = true;
        }
        threads.execute(() -> {
            synchronized (this) {
                pollPending = false;
            }
            poll();
        });
    }

    private boolean tick() {
        renewLeases();
        poll();
        return true;
    }

    private void renewLeases() {
        try {
            context.leases().renewAll();
        } catch (StoreUnavailableException e) {
            LOG.debugf("delivery lease renewal failed: %s", e.getMessage());
        }
    }

    private void poll() {
        try {
            stats.queues().forEach(this::startWorker);
        } catch (StoreUnavailableException e) {
            LOG.debugf("delivery poll failed: %s", e.getMessage());
        }
    }

    private void startWorker(DeliveryWorker.QueueId queue) {
        MessageSender sender = senders.getOrDefault(
                        queue.destination().account().vendor(), Map.of())
                .get(queue.destination().name());
        if (sender == null) {
            return; // its vendor is no longer configured; the messages wait until it is, or expire when it is
        }
        WorkerSlot slot;
        synchronized (this) {
            slot = slots.computeIfAbsent(
                    queue.number(),
                    number -> new WorkerSlot(new DeliveryWorker(queue, sender, context), new AtomicInteger()));
        }
        runWorker(slot);
    }

    private void runWorker(WorkerSlot slot) {
        if (!slot.worker().isAvailable() || !tryEnter(slot)) {
            return;
        }
        threads.execute(() -> {
            String name = "delivery to " + slot.worker().queue().destination();
            workerStarted();
            try {
                while (!isHalted() && slot.worker().claimAndDeliver()) {
                    runWorker(slot);
                }
                failures.succeeded(name);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (StoreUnavailableException e) {
                LOG.debugf("%s failed: %s", name, e.getMessage());
            } catch (RuntimeException e) {
                failures.failed(name, () -> String.valueOf(e.getMessage()), e);
            } finally {
                slot.busyThreads().decrementAndGet();
                workerStopped();
            }
        });
    }

    private synchronized void workerStarted() {
        running++;
    }

    private synchronized void workerStopped() {
        running--;
        if (stopped && running == 0) {
            idle.countDown();
        }
    }

    private boolean tryEnter(WorkerSlot slot) {
        int most = context.config().maxConcurrent();
        return slot.busyThreads().getAndUpdate(now -> Math.min(most, now + 1)) < most;
    }

    private synchronized boolean isHalted() {
        return stopped;
    }
}
