package io.sluice.budget;

import io.sluice.budget.window.CrashRules;
import io.sluice.budget.window.Limit;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** The budget of one process: keeps all accounts in memory. Accounts share nothing, not even a lock. */
public final class PacedBudget implements Budget {
    private final Ticker ticker;
    private final Timer timer;
    private final Optional<CheckpointContext> context;
    private final Map<String, Account> accounts = new ConcurrentSkipListMap<>();
    private volatile boolean draining;

    /** A budget that starts afresh with each process. */
    public PacedBudget(Ticker ticker, Timer timer) {
        this(ticker, timer, Optional.empty());
    }

    /** A budget that persists its grants over a restart. */
    public PacedBudget(Ticker ticker, Timer timer, InstantSource instants, BudgetStore store) {
        this(ticker, timer, instants, BootClock.NONE, store, CheckpointListener.NONE, CheckpointSettings.DEFAULT);
    }

    /**
     * A budget with all of its dependencies.
     *
     * @param instants the wall clock, which measures the time between two processes where {@code boot} does not
     * @param store of which no other process has made use since it was made, shortly before
     */
    public PacedBudget(
            Ticker ticker,
            Timer timer,
            InstantSource instants,
            BootClock boot,
            BudgetStore store,
            CheckpointListener listener,
            CheckpointSettings settings) {
        this(ticker, timer, new CheckpointContext(instants, boot, store, listener, settings, new CrashRules()));
    }

    PacedBudget(Ticker ticker, Timer timer, CheckpointContext context) {
        this(ticker, timer, Optional.of(context));
    }

    private PacedBudget(Ticker ticker, Timer timer, Optional<CheckpointContext> context) {
        long start = ticker.read();
        // Times from zero on can be compared and added without overflow.
        this.ticker = () -> ticker.read() - start;
        this.timer = timer;
        this.context = context;
    }

    @Override
    public synchronized void define(String account, Collection<Limit> limits) {
        if (accounts.containsKey(account)) {
            throw new IllegalArgumentException("account is defined already: " + account);
        }
        Account added = new Account(account, limits, ticker, timer, context.orElse(null));
        // Nothing must be granted before earlier grants are restored.
        added.open();
        accounts.put(account, added);
        if (draining) {
            added.drain();
        }
    }

    @Override
    public Ticket enqueue(PermitRequest request, Consumer<Decision> decided) {
        return require(request.account()).enqueue(request, decided);
    }

    @Override
    public void pause(String account) {
        require(account).pause();
    }

    @Override
    public void resume(String account) {
        require(account).resume();
    }

    @Override
    public void change(String account, Limit limit) {
        require(account).change(limit);
    }

    @Override
    public void restore(String account, String limit) {
        require(account).restoreLimit(limit);
    }

    @Override
    public void reset(String account, String limit) {
        require(account).reset(limit);
    }

    @Override
    public void setExternalUse(String account, String limit, int permits, int foreign) {
        require(account).setExternalUse(limit, permits, foreign);
    }

    @Override
    public Inquiry inquire(String account, String limit) {
        return require(account).inquire(limit);
    }

    @Override
    public void report(Inquiry inquiry, Report report) {
        require(inquiry.account()).report(inquiry, report);
    }

    @Override
    public void shadow(String account, boolean on) {
        require(account).shadow(on);
    }

    @Override
    public void resumeBursts(String account, String limit) {
        require(account).resumeBursts(limit);
    }

    @Override
    public void unshared(String account, boolean only) {
        require(account).unshared(only);
    }

    @Override
    public Optional<AccountState> state(String account) {
        return Optional.ofNullable(accounts.get(account)).map(Account::state);
    }

    @Override
    public List<AccountState> states() {
        return accounts.values().stream().map(Account::state).toList();
    }

    @Override
    public void drain() {
        draining = true;
        accounts.values().forEach(Account::drain);
    }

    private Account require(String name) {
        Account account = accounts.get(name);
        if (account == null) {
            throw new IllegalArgumentException("account is not defined: " + name);
        }
        return account;
    }
}
