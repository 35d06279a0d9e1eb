package io.sluice.gateway;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.sluice.budget.Budget;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.vendor.Vendor;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Makes the budget of all configured accounts, and ends it. */
@Singleton
public class Budgets {
    @Produces
    @Singleton
    Budget budget(Ticker ticker, Timer timer, @All List<Vendor> vendors) {
        Budget budget = new PacedBudget(ticker, timer);
        for (Vendor vendor : vendors) {
            vendor.limits().forEach((account, limits) -> budget.define(vendor.name() + "/" + account, limits));
        }
        return budget;
    }

    /** Those that wait are told at once to come back, and find another replica or the next process. */
    void stop(@Observes ShutdownEvent stopping, Budget budget) {
        budget.drain();
    }
}
