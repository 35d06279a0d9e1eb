package io.sluice.web;

import io.sluice.budget.Ticker;
import io.sluice.web.EventTopic.Entry;
import io.sluice.web.EventTopic.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The event stream of one client. Thread-safe.
 *
 * <p>Nothing is queued for a client: the stream keeps the version of each entry that it was sent, and when the client
 * asks for more it gets the newest version of an entry that has changed since. So a slow client skips versions, and
 * memory is bounded by the number of entries of its topics.
 */
final class EventStream implements Flow.Subscription {
    /** A message to the client. */
    sealed interface Message {
        /** An event with its data, JSON on one line. */
        record Event(String name, String json) implements Message {}

        /** A comment: it shows that a quiet connection is alive. */
        record Heartbeat() implements Message {}
    }

    private final Flow.Subscriber<? super Message> client;
    private final Ticker ticker;
    private final Runnable left;

    private final AtomicLong demand = new AtomicLong();
    /**
     * Signals that came while one thread sends; that thread does their work too, so that the client gets one signal at
     * a time.
     */
    private final AtomicInteger signals = new AtomicInteger();

    // Guarded by this.
    private final Map<String, State> states = new HashMap<>();
    private final Map<Key, Entry> sent = new HashMap<>();
    private final SequencedSet<Key> changed = new LinkedHashSet<>();
    private boolean beat;
    private boolean quiet;
    private boolean ended;
    private boolean cancelled;
    private long askedAt;

    private boolean completed; // by the one thread that sends

    private record Key(String topic, String key) {}

    /** @param left runs once when the client has disconnected or the stream has ended */
    EventStream(Flow.Subscriber<? super Message> client, Ticker ticker, Runnable left) {
        this.client = client;
        this.ticker = ticker;
        this.left = left;
        this.askedAt = ticker.read();
    }

    /**
     * Shows the client the state of a topic; a state that was read before the last one shown is ignored. Never waits.
     */
    void show(String topic, State state) {
        synchronized (this) {
            State last = states.get(topic);
            if (last != null && last.reading() > state.reading()) {
                return;
            }
            states.put(topic, state);
            state.entries().forEach((name, entry) -> {
                Key key = new Key(topic, name);
                if (!entry.equals(sent.get(key))) {
                    changed.add(key);
                }
            });
            sent.keySet()
                    .removeIf(
                            key -> key.topic().equals(topic) && !state.entries().containsKey(key.key()));
        }
        send();
    }

    /** Sends a heartbeat if nothing was sent since the last one. Never waits. */
    void beat() {
        synchronized (this) {
            beat = quiet;
            quiet = true;
        }
        send();
    }

    /** Returns how long the client has read nothing although there is something to read; zero if it reads. */
    synchronized Duration stalled() {
        return demand.get() > 0 || (changed.isEmpty() && !beat)
                ? Duration.ZERO
                : Duration.ofNanos(ticker.read() - askedAt);
    }

    /** Ends the stream in order. Never waits. */
    void end() {
        synchronized (this) {
            ended = true;
        }
        send();
    }

    @Override
    public void request(long more) {
        synchronized (this) {
            askedAt = ticker.read();
        }
        demand.accumulateAndGet(more, (have, asked) -> have + asked < 0 ? Long.MAX_VALUE : have + asked);
        send();
    }

    @Override
    public void cancel() {
        boolean first;
        synchronized (this) {
            first = !cancelled;
            cancelled = true;
        }
        if (first) {
            left.run();
        }
    }

    private void send() {
        if (signals.getAndIncrement() > 0) {
            return;
        }
        int seen = 1;
        do {
            for (Message next = next(); next != null; next = next()) {
                client.onNext(next);
            }
            complete();
            seen = signals.addAndGet(-seen);
        } while (seen > 0);
    }

    private synchronized @Nullable Message next() {
        if (cancelled || ended || demand.get() == 0) {
            return null;
        }
        Message next = nextEvent();
        if (next != null) {
            quiet = false;
        } else if (beat) {
            next = new Message.Heartbeat();
        }
        if (next != null) {
            beat = false;
            demand.decrementAndGet();
            askedAt = ticker.read();
        }
        return next;
    }

    private @Nullable Message nextEvent() {
        while (!changed.isEmpty()) {
            Key key = changed.removeFirst();
            State state = states.get(key.topic());
            Entry entry = state == null ? null : state.entries().get(key.key());
            if (entry != null && !entry.equals(sent.put(key, entry))) {
                return new Message.Event(entry.event(), entry.json());
            }
        }
        return null;
    }

    private void complete() {
        synchronized (this) {
            if (!ended || cancelled || completed) {
                return;
            }
            completed = true;
            cancelled = true;
        }
        client.onComplete();
        left.run();
    }
}
