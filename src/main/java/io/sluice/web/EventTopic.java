package io.sluice.web;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A topic of the event stream {@code GET /api/events}. A new topic is one bean that implements this interface.
 *
 * <p>A topic is a set of entries, each with a key; its events are the entries that changed. So a client that reads
 * slowly gets the newest version of each entry instead of every version in between, and a client that connects gets all
 * of them.
 */
interface EventTopic {
    /** Returns the name in {@code ?topics=}. */
    String name();

    /** Returns the interval between two reads while there are clients. */
    Duration interval();

    /**
     * Reads the entries of the topic. Waits for the store.
     *
     * @param team the team whose entries are read; null for those of all teams
     * @param before the last reading for the same team; empty at first
     * @return a bounded number of entries
     */
    State read(@Nullable String team, State before);

    /**
     * One thing that is watched.
     *
     * @param event the event's name
     * @param json the event's data, on one line
     * @param endedAt when it was first read after its last change, if no further change will come
     */
    record Entry(
            String key, String event, String json, @Nullable Instant endedAt) {}

    /**
     * The entries of a topic by key, in the order in which a client that connects gets them.
     *
     * @param reading a number that grows with each reading
     */
    record State(long reading, Map<String, Entry> entries) {
        static final State EMPTY = new State(0, Map.of());

        public State {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        /**
         * Returns the next reading. Unchanged entries are the same objects as in this one, so that they are kept once.
         */
        State next(List<Entry> read) {
            Map<String, Entry> next = new LinkedHashMap<>();
            for (Entry entry : read) {
                Entry known = entries.get(entry.key());
                next.put(entry.key(), entry.equals(known) ? known : entry);
            }
            return new State(reading + 1, next);
        }
    }
}
