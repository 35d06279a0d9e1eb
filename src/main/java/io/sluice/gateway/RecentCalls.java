package io.sluice.gateway;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The calls that are under way in this process, and those of the last minute or so with their answers. Thread-safe.
 *
 * <p>Whoever begins a call must end it. There are as many under way as there are requests; the others are bounded.
 */
final class RecentCalls {
    private final GatewayConfig.Repeats config;
    private final InstantSource clock;
    private final Map<String, Entry> underWay = new HashMap<>(); // guarded by this
    private final LinkedHashMap<String, Entry> over = new LinkedHashMap<>(); // guarded by this; the first to end first

    RecentCalls(GatewayConfig.Repeats config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    /** A call, unlike any other. */
    static final class Entry {
        private final CompletableFuture<Optional<Recorded>> answer = new CompletableFuture<>();
        private long ended; // guarded by the calls

        private Entry() {}

        /** Its answer; empty once it turns out that it was not carried out. */
        CompletableFuture<Optional<Recorded>> answer() {
            return answer;
        }
    }

    /**
     * What becomes of a repetition.
     *
     * @param begun whether it is the call itself that is made now; otherwise its answer is that of {@code call}
     */
    record Turn(Entry call, boolean begun) {}

    /** Begins a call, unless it is known: of any number that come at once, one begins. Never waits. */
    synchronized Turn beginUnlessKnown(String name) {
        forget();
        Entry known = underWay.getOrDefault(name, over.get(name));
        return known == null ? new Turn(begin(name), true) : new Turn(known, false);
    }

    /** Begins a call, in the place of an earlier one. Never waits. */
    synchronized Entry begin(String name) {
        Entry entry = new Entry();
        over.remove(name);
        underWay.put(name, entry);
        return entry;
    }

    /** Gives a call its answer; without one it was not carried out, and is forgotten. */
    void end(String name, Entry entry, Optional<Recorded> answer) {
        synchronized (this) {
            if (underWay.remove(name, entry) && answer.isPresent()) {
                entry.ended = clock.millis();
                over.put(name, entry);
                forget();
            }
        }
        entry.answer().complete(answer);
    }

    private void forget() {
        long old = clock.millis() - config.window().toMillis();
        Iterator<Entry> first = over.values().iterator();
        while (first.hasNext() && (first.next().ended < old || over.size() > config.remembered())) {
            first.remove();
        }
    }
}
