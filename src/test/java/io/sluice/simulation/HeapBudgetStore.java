package io.sluice.simulation;

import io.sluice.budget.AccountSnapshot;
import io.sluice.budget.BudgetStore;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A budget's memory that outlives its processes on the heap of the test. Not thread-safe. */
public final class HeapBudgetStore implements BudgetStore {
    private final Map<String, AccountSnapshot> kept = new HashMap<>();
    private final Consumer<Runnable> writer;

    /** Writes at once. */
    public HeapBudgetStore() {
        this(Runnable::run);
    }

    /** @param writer runs each write, when the test will */
    public HeapBudgetStore(Consumer<Runnable> writer) {
        this.writer = writer;
    }

    /** Loses all of it, as if nothing had ever been saved. */
    public void clear() {
        kept.clear();
    }

    @Override
    public LoadResult load(String account) {
        AccountSnapshot saved = kept.get(account);
        return saved == null ? new LoadResult.Absent() : new LoadResult.Loaded(saved);
    }

    @Override
    public void save(String account, AccountSnapshot saved, Completion done) {
        writer.accept(() -> {
            kept.put(account, saved);
            done.ended(null);
        });
    }
}
