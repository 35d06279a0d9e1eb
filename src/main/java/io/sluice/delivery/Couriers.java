package io.sluice.delivery;

import io.sluice.FailureLog;
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
 * Sends couriers out for every flow that has letters: when some are accepted here, and on every tick for those that other
 * processes accepted or whose time has come. Thread-safe.
 */
final class Couriers {
    private static final Logger LOG = Logger.getLogger(Couriers.class);

    private final FailureLog failures = new FailureLog(LOG);

    private final Map<String, Map<String, Carrier>> carriers = new HashMap<>(); // by vendor and channel
    private final QueueView queue;
    private final Courier.Tools tools;
    private final Timer timer;
    private final Executor threads;

    private final Map<Integer, Round> rounds = new HashMap<>(); // guarded by this
    private final CountDownLatch home = new CountDownLatch(1); // all are back, and none will leave
    private int out; // guarded by this; couriers under way
    private Timer.Alarm alarm = () -> {}; // guarded by this
    private boolean started; // guarded by this
    private boolean looking; // guarded by this; somebody is about to look
    private boolean stopped; // guarded by this

    Couriers(List<Carrier> carriers, QueueView queue, Courier.Tools tools, Timer timer, Executor threads) {
        carriers.forEach(carrier -> this.carriers
                .computeIfAbsent(carrier.vendor(), vendor -> new HashMap<>())
                .put(carrier.channel(), carrier));
        this.queue = queue;
        this.tools = tools;
        this.timer = timer;
        this.threads = threads;
    }

    /** One flow's courier, and how many threads work for it. */
    private record Round(Courier courier, AtomicInteger working) {}

    /** Starts to deliver, until {@link #halt}. */
    void start() {
        synchronized (this) {
            started = true;
        }
        schedule(Duration.ZERO);
    }

    /** Claims nothing more. What is under way goes on. */
    synchronized void halt() {
        stopped = true;
        alarm.cancel();
        if (out == 0) {
            home.countDown();
        }
    }

    /** Waits for what is under way when all is halted, but no longer than that; the rest comes back with its lease. */
    void awaitIdle(Duration atMost) throws InterruptedException {
        if (!home.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            LOG.warnf("calls are still under way after %s; they are made again", atMost);
        }
    }

    /** Says that letters were accepted. Never waits. */
    void wake() {
        synchronized (this) {
            if (!started || stopped || looking) {
                return;
            }
            looking = true;
        }
        threads.execute(() -> {
            synchronized (this) {
                looking = false;
            }
            look();
        });
    }

    private synchronized void schedule(Duration delay) {
        if (!stopped) {
            alarm = timer.schedule(() -> threads.execute(this::tick), delay);
        }
    }

    private void tick() {
        try {
            tools.leases().prolong();
            look();
        } finally {
            schedule(tools.config().tick());
        }
    }

    private void look() {
        try {
            queue.flows().forEach(this::send);
        } catch (StoreUnavailableException e) {
            LOG.debugf("delivery poll failed: %s", e.getMessage());
        }
    }

    private void send(Courier.Flow flow) {
        Carrier carrier = carriers.getOrDefault(flow.channel().vendor(), Map.of())
                .get(flow.channel().name());
        if (carrier == null) {
            return; // its vendor is no longer configured; the letters wait until it is, or expire when it is
        }
        Round round;
        synchronized (this) {
            round = rounds.computeIfAbsent(
                    flow.number(), number -> new Round(new Courier(flow, carrier, tools), new AtomicInteger()));
        }
        sendOne(round);
    }

    private void sendOne(Round round) {
        if (!round.courier().rested() || !enter(round)) {
            return;
        }
        threads.execute(() -> {
            String name = "delivery to " + round.courier().flow().channel();
            leaves();
            try {
                while (!isHalted() && round.courier().round()) {
                    sendOne(round);
                }
                failures.succeeded(name);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (StoreUnavailableException e) {
                LOG.debugf("delivery poll failed: %s: %s", name, e.getMessage());
            } catch (RuntimeException e) {
                failures.failed(name, () -> String.valueOf(e.getMessage()), e);
            } finally {
                round.working().decrementAndGet();
                returns();
            }
        });
    }

    private synchronized void leaves() {
        out++;
    }

    private synchronized void returns() {
        out--;
        if (stopped && out == 0) {
            home.countDown();
        }
    }

    private boolean enter(Round round) {
        int most = tools.config().parallel();
        return round.working().getAndUpdate(now -> Math.min(most, now + 1)) < most;
    }

    private synchronized boolean isHalted() {
        return stopped;
    }
}
