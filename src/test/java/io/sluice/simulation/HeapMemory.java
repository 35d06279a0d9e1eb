package io.sluice.simulation;

import io.sluice.budget.Memory;
import io.sluice.budget.SavedAccount;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A budget's memory that outlives its processes on the heap of the test. Not thread-safe. */
public final class HeapMemory implements Memory {
    private final Map<String, SavedAccount> kept = new HashMap<>();
    private final Consumer<Runnable> writer;

    /** Writes at once. */
    public HeapMemory() {
        this(Runnable::run);
    }

    /** @param writer runs each write, when the test will */
    public HeapMemory(Consumer<Runnable> writer) {
        this.writer = writer;
    }

    /** Loses all of it, as if nothing had ever been saved. */
    public void clear() {
        kept.clear();
    }

    @Override
    public Loaded load(String account) {
        SavedAccount saved = kept.get(account);
        return saved == null ? new Loaded.Never() : new Loaded.Found(saved);
    }

    @Override
    public void save(String account, SavedAccount saved, Done done) {
        writer.accept(() -> {
            kept.put(account, saved);
            done.ended(null);
        });
    }
}
