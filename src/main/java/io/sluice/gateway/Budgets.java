package io.sluice.gateway;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.sluice.InvalidConfigException;
import io.sluice.budget.Budget;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.store.StoreConfig;
import io.sluice.team.Teams;
import io.sluice.vendor.Vendor;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Makes the budget of all configured accounts, and ends it. */
@Singleton
public class Budgets {
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("budget-writer").factory());

    @Produces
    @Singleton
    Budget budget(
            Ticker ticker,
            Timer timer,
            InstantSource instants,
            ObjectMapper json,
            GatewayConfig config,
            StoreConfig store,
            Teams teams,
            @All List<Vendor> vendors) {
        Budget budget = config.remember()
                ? new PacedBudget(ticker, timer, instants, memory(store.dataDir(), json))
                : new PacedBudget(ticker, timer);
        for (Vendor vendor : vendors) {
            boolean unshared = teams.whoMayCall(vendor.name()).size() == 1;
            vendor.limits().forEach((account, limits) -> {
                String name = vendor.name() + "/" + account;
                budget.define(name, limits);
                budget.unshared(name, unshared);
            });
        }
        config.shadow().orElse(Set.of()).forEach(account -> shadow(budget, account));
        return budget;
    }

    private static void shadow(Budget budget, String account) {
        InvalidConfigException.check(
                budget.state(account).isPresent(),
                "sluice.shadow",
                () -> "there is no account " + account + "; there are "
                        + budget.states().stream()
                                .map(Budget.AccountState::account)
                                .toList());
        budget.shadow(account, true);
    }

    /**
     * Those that wait are told at once to come back, and find another replica or the next process. Shutdown proper
     * begins only when every request has ended, so they would wait until their connections are cut.
     */
    void drain(@Observes ShutdownDelayInitiatedEvent stopping, Budget budget) {
        budget.drain();
    }

    void stop(@Observes ShutdownEvent stopping, Budget budget) {
        budget.drain();
        // Waits for the last writing.
        writer.close();
    }

    private FileMemory memory(Path dataDir, ObjectMapper json) {
        try {
            return new FileMemory(dataDir.resolve("budgets"), json, writer);
        } catch (UncheckedIOException e) {
            throw new InvalidConfigException(
                    "sluice.data-dir",
                    "cannot keep the budgets in " + dataDir.toAbsolutePath() + " (" + e.getMessage()
                            + "); name a folder that can be written, or set sluice.remember=false");
        }
    }
}
