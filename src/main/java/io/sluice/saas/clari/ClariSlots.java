package io.sluice.saas.clari;

import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.Priority;
import io.sluice.budget.Timer;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.SlotAware;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The slots for exports of all organizations: a {@link SlotLedger} for each, connected to the budget, which holds
 * further submissions back, and to the store and Clari, which report what is taken. Thread-safe.
 */
@ApplicationScoped
public class ClariSlots implements SlotAware {
    private final Budget budget;
    private final Timer timer;
    private final ExportsConfig config;
    private final ReportedLimits reported;
    private final AdminLimits limits;
    private final Map<String, SlotLedger> ledgers = new ConcurrentHashMap<>(); // by account

    ClariSlots(Budget budget, Timer timer, ExportsConfig config, ReportedLimits reported, AdminLimits limits) {
        this.budget = budget;
        this.timer = timer;
        this.config = config;
        this.reported = reported;
        this.limits = limits;
    }

    /** The ledger of an account. */
    SlotLedger of(String account) {
        return ledgers.computeIfAbsent(account, this::ledger);
    }

    private SlotLedger ledger(String account) {
        String name = new AccountId(ClariSurface.NAME, account).toString();
        return new SlotLedger(timer, config.slotPoll(), new SlotLedger.Listener() {
            @Override
            public void slotsTaken(int taken, int foreign) {
                budget.setExternalUse(name, ClariLimits.EXPORT_JOBS, taken, foreign);
            }

            @Override
            public void slotsAllowed(int slots) {
                reported.reportSlots(account, slots);
            }
        });
    }

    @Override
    public Capacity capacity(String account, String team) throws InterruptedException, RetryLaterException {
        SlotLedger ledger = of(account);
        ledger.pollStarted();
        AdminLimits.LimitsReport report = limits.ask(account, team, Priority.BULK, config.permitTimeout());
        ledger.recordReport(report);
        return new Capacity(Math.min(report.slots(), reported.slots(account)), report.taken(), report.jobs());
    }

    @Override
    public void slotsChanged(String account, @Nullable Integer slots, int taken, int others, boolean learned) {
        of(account).updateStored(slots, taken, others, learned);
    }

    @Override
    public void submissionCounted(String account) {
        of(account).submissionCounted();
    }

    @Override
    public Optional<String> teamToCharge(String account) {
        return of(account).teamToCharge().or(() -> reported.teamToCharge(account));
    }
}
