package io.sluice.gateway;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.sluice.AccountId;
import io.sluice.InvalidConfigException;
import io.sluice.budget.BootClock;
import io.sluice.budget.Budget;
import io.sluice.budget.CheckpointSettings;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.saas.Vendor;
import io.sluice.store.StoreConfig;
import io.sluice.team.Teams;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The producer of the budget of all configured accounts; drains and closes it when the process stops. */
@Singleton
public class Budgets {
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("budget-writer").factory());

    private volatile @Nullable FileBudgetStore memory;

    @Produces
    @Singleton
    Budget budget(
            Ticker ticker,
            Timer timer,
            InstantSource instants,
            BootClock boot,
            ObjectMapper json,
            GatewayConfig config,
            StoreConfig store,
            Teams teams,
            @All List<Vendor> vendors) {
        Budget budget = config.budget().persist()
                ? new PacedBudget(
                        ticker,
                        timer,
                        instants,
                        boot,
                        memory(store.dataDir(), json),
                        new BudgetLog(),
                        settings(config.budget()))
                : new PacedBudget(ticker, timer);
        for (Vendor vendor : vendors) {
            boolean unshared = teams.allowedToCall(vendor.name()).size() == 1;
            vendor.limits().forEach((account, limits) -> {
                String name = new AccountId(vendor.name(), account).toString();
                budget.define(name, limits);
                budget.unshared(name, unshared);
            });
        }
        config.shadowAccounts().orElse(Set.of()).forEach(account -> shadow(budget, account));
        return budget;
    }

    private static void shadow(Budget budget, String account) {
        InvalidConfigException.check(
                budget.state(account).isPresent(),
                "sluice.shadow-accounts",
                () -> "there is no account " + account + "; there are "
                        + budget.states().stream()
                                .map(Budget.AccountState::account)
                                .toList());
        budget.shadow(account, true);
    }

    /**
     * Denies the calls that wait at once, so that they come back and find another replica or the next process. Shutdown
     * proper begins only when every request has ended, so they would wait until their connections are cut.
     */
    void drain(@Observes ShutdownDelayInitiatedEvent stopping, Budget budget) {
        budget.drain();
    }

    void stop(@Observes ShutdownEvent stopping, Budget budget) {
        budget.drain();
        leaveFolder();
    }

    /** Also runs when the start has failed: in development mode the next one follows in the same process. */
    @PreDestroy
    void leaveFolder() {
        // Waits for the last write.
        writer.close();
        FileBudgetStore open = memory;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static CheckpointSettings settings(GatewayConfig.Budget saving) {
        checkPositive("interval", saving.checkpointInterval());
        checkPositive("timeout", saving.checkpointTimeout());
        checkPositive("retry-delay", saving.checkpointRetryDelay());
        return new CheckpointSettings(
                saving.checkpointInterval(), saving.checkpointTimeout(), saving.checkpointRetryDelay());
    }

    private static void checkPositive(String name, Duration duration) {
        InvalidConfigException.check(
                duration.isPositive(), "sluice.budget.checkpoint-" + name, () -> "must be longer than 0: " + duration);
    }

    private FileBudgetStore memory(Path dataDir, ObjectMapper json) {
        try {
            FileBudgetStore opened = new FileBudgetStore(dataDir.resolve("budgets"), json, writer);
            memory = opened;
            return opened;
        } catch (IOException e) {
            throw new InvalidConfigException(
                    "sluice.data-dir",
                    "cannot keep the budgets in " + dataDir.toAbsolutePath() + " (" + e.getMessage()
                            + "); name a folder of its own that can be written, or set sluice.budget.persist=false");
        }
    }
}
