package io.sluice.gateway;

import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The calls of the last minute or so, with their answers. In memory, and bounded. Thread-safe. */
final class RecentCalls {
    private final GatewayConfig.Repeats config;
    private final InstantSource clock;
    private final LinkedHashMap<String, Entry> calls = new LinkedHashMap<>(); // guarded by this; the oldest first

    RecentCalls(GatewayConfig.Repeats config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    /** A call, unlike any other. */
    static final class Entry {
        private final long begun;
        private final CompletableFuture<Optional<Recorded>> answer = new CompletableFuture<>();

        private Entry(long begun) {
            this.begun = begun;
        }

        /** Its answer; empty once it turns out that it was not carried out. */
        CompletableFuture<Optional<Recorded>> answer() {
            return answer;
        }
    }

    /** A call that was made or is being made. */
    synchronized Optional<Entry> find(String name) {
        forget();
        return Optional.ofNullable(calls.get(name));
    }

    /** Remembers a call that is about to be made, in the place of an earlier one. */
    synchronized Entry begin(String name) {
        forget();
        Entry entry = new Entry(clock.millis());
        calls.remove(name);
        calls.put(name, entry);
        return entry;
    }

    /** Gives a call its answer; one that was not carried out is forgotten. */
    void end(String name, Entry entry, Optional<Recorded> recorded) {
        Optional<Recorded> done = recorded.filter(one -> !one.undone());
        if (done.isEmpty()) {
            synchronized (this) {
                calls.remove(name, entry);
            }
        }
        entry.answer().complete(done);
    }

    private void forget() {
        long old = clock.millis() - config.window().toMillis();
        Iterator<Map.Entry<String, Entry>> eldest = calls.entrySet().iterator();
        while (eldest.hasNext()) {
            Entry entry = eldest.next().getValue();
            boolean over = entry.begun < old && entry.answer().isDone();
            if (!over && calls.size() <= config.remembered()) {
                return;
            }
            eldest.remove();
        }
    }
}
