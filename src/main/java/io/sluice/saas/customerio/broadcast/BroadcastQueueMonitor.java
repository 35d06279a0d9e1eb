package io.sluice.saas.customerio.broadcast;

import io.quarkus.runtime.ShutdownEvent;
import io.sluice.AccountId;
import io.sluice.FailureLog;
import io.sluice.PeriodicTask;
import io.sluice.budget.Budget;
import io.sluice.budget.Priority;
import io.sluice.budget.Timer;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.saas.Surface;
import io.sluice.saas.VendorClient;
import io.sluice.saas.customerio.Customerio;
import io.sluice.saas.customerio.CustomerioAppApi;
import io.sluice.saas.customerio.CustomerioAppSurface;
import io.sluice.saas.customerio.CustomerioConfig;
import io.sluice.saas.customerio.CustomerioJson;
import io.sluice.saas.customerio.CustomerioLimits;
import io.sluice.saas.customerio.broadcast.PendingTriggers.PendingTrigger;
import io.sluice.saas.customerio.broadcast.PendingTriggers.TriggerId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/**
 * The monitor of the queue of triggered broadcasts at Customer.io, which processes only some at once: polls the pending
 * ones until they are processed or expired, and reports their number to the budget. Thread-safe.
 */
@ApplicationScoped
public class BroadcastQueueMonitor {
    private static final Logger LOG = Logger.getLogger(BroadcastQueueMonitor.class);

    private final FailureLog failures = new FailureLog(LOG);

    /** The largest response read; the one about a trigger is smaller by far. */
    private static final int MOST_READ = 64 << 10;

    private final Surface surface;
    private final VendorClient calls;
    private final Budget budget;
    private final CustomerioConfig.Broadcasts config;
    private final InstantSource clock;
    private final Timer timer;
    private final Map<String, MonitoredAccount> accounts = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("broadcasts-", 0).factory());

    BroadcastQueueMonitor(
            @RestClient CustomerioAppApi api,
            VendorClient calls,
            Budget budget,
            CustomerioConfig config,
            InstantSource clock,
            Timer timer) {
        this.surface = CustomerioAppSurface.forReads(config, api);
        this.calls = calls;
        this.budget = budget;
        this.config = config.broadcasts();
        this.clock = clock;
        this.timer = timer;
    }

    private record MonitoredAccount(PendingTriggers triggers, PeriodicTask polls) {}

    void stop(@Observes ShutdownEvent stopping) {
        threads.shutdownNow();
    }

    /** Adds a pending trigger, made by us or by others. Never waits. */
    void addPending(Call call, TriggerId trigger) {
        of(call.account().name())
                .triggers()
                .addPending(trigger, call.request().teamShare().team(), end());
        watch(call.account().name());
    }

    private MonitoredAccount of(String account) {
        return accounts.computeIfAbsent(
                account,
                added -> new MonitoredAccount(
                        new PendingTriggers(),
                        new PeriodicTask(config.pollInterval(), timer, threads, () -> poll(added))));
    }

    private long end() {
        return clock.millis() + config.maxAge().toMillis();
    }

    private static AccountId id(String account) {
        return new AccountId(Customerio.NAME, account);
    }

    private static String name(String account) {
        return "poll of broadcast triggers of " + id(account);
    }

    private void watch(String account) {
        occupy(account);
        of(account).polls().start(config.pollInterval());
    }

    /** Polls the pending triggers of an account; true if some are pending still. */
    private boolean poll(String account) throws InterruptedException {
        MonitoredAccount monitored = of(account);
        try {
            for (PendingTrigger trigger : monitored.triggers().pending()) {
                if (processed(account, trigger)) {
                    monitored.triggers().processed(trigger.name());
                }
            }
            failures.succeeded(name(account));
            monitored
                    .triggers()
                    .forget(clock.millis())
                    .forEach(name -> LOG.warnf(
                            "broadcast trigger expired: account=%s trigger=%s broadcast=%s age=%s; it no longer counts as waiting",
                            id(account), name.id(), name.broadcast(), config.maxAge()));
        } catch (RuntimeException e) {
            failures.failed(name(account), () -> String.valueOf(e.getMessage()), e);
        }
        occupy(account);
        return !monitored.triggers().pending().isEmpty();
    }

    private boolean processed(String account, PendingTrigger trigger) throws InterruptedException {
        VendorClient.CallerContext caller =
                new VendorClient.CallerContext(trigger.team(), surface, account, Priority.BULK, config.pollInterval());
        String target = "/v1/campaigns/" + trigger.name().broadcast() + "/triggers/"
                + trigger.name().id();
        return calls.make(caller, "GET", target) instanceof Result.Answered(VendorResponse answer, boolean _)
                && processed(answer);
    }

    /** True if a trigger is processed, or Customer.io has none of that id. */
    private static boolean processed(VendorResponse answer) {
        try (InputStream _ = answer.body()) {
            Optional<BufferedResponse> whole = answer.readAll(MOST_READ);
            return switch (answer.status()) {
                case 200 ->
                    whole.flatMap(trigger -> CustomerioJson.object(trigger.body()))
                            .filter(TriggerJson::processed)
                            .isPresent();
                case 404 -> true;
                default -> false;
            };
        } catch (IOException brokenOff) {
            // It is polled again.
            return false;
        }
    }

    private void occupy(String account) {
        budget.setExternalUse(
                id(account).toString(),
                CustomerioLimits.BROADCAST_QUEUE,
                of(account).triggers().pending().size(),
                0);
    }
}
