package io.sluice.budget;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** The budget of one process: keeps all accounts in memory. Accounts share nothing, not even a lock. */
public final class PacedBudget implements Budget {
    /** Longer than anybody waits, and short enough to be added to a time. */
    static final Duration LONGEST = Duration.ofDays(36_500);

    private final Ticker ticker;
    private final Timer timer;
    private final Optional<Keeper> keeper;
    private final Map<String, Account> accounts = new ConcurrentSkipListMap<>();
    private volatile boolean draining;

    /** A budget that starts afresh with each process. */
    public PacedBudget(Ticker ticker, Timer timer) {
        this(ticker, timer, Optional.empty());
    }

    /** A budget that remembers over a restart what it granted before. */
    public PacedBudget(Ticker ticker, Timer timer, InstantSource instants, Memory memory) {
        this(ticker, timer, Optional.of(new Keeper(instants, memory)));
    }

    private PacedBudget(Ticker ticker, Timer timer, Optional<Keeper> keeper) {
        long start = ticker.read();
        // Times from zero on can be compared and added without a thought for overflow.
        this.ticker = () -> ticker.read() - start;
        this.timer = timer;
        this.keeper = keeper;
    }

    @Override
    public synchronized void define(String account, Collection<Limit> limits) {
        if (accounts.containsKey(account)) {
            throw new IllegalArgumentException("account is defined already: " + account);
        }
        Account added = new Account(account, limits, ticker, timer, keeper.orElse(null));
        // Nobody must be granted anything before what was granted earlier is known.
        added.open();
        accounts.put(account, added);
        if (draining) {
            added.drain();
        }
    }

    @Override
    public Ticket enqueue(Demand demand, Consumer<Decision> decided) {
        return known(demand.account()).enqueue(demand, decided);
    }

    @Override
    public void pause(String account) {
        known(account).pause();
    }

    @Override
    public void resume(String account) {
        known(account).resume();
    }

    @Override
    public void change(String account, Limit limit) {
        known(account).change(limit);
    }

    @Override
    public void occupy(String account, String limit, int permits, int foreign) {
        known(account).occupy(limit, permits, foreign);
    }

    @Override
    public Inquiry inquire(String account, String limit) {
        return known(account).inquire(limit);
    }

    @Override
    public void report(Inquiry inquiry, Report report) {
        known(inquiry.account()).report(inquiry, report);
    }

    @Override
    public void shadow(String account, boolean on) {
        known(account).shadow(on);
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

    private Account known(String name) {
        Account account = accounts.get(name);
        if (account == null) {
            throw new IllegalArgumentException("account is not defined: " + name);
        }
        return account;
    }
}
