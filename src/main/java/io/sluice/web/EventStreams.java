package io.sluice.web;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.virtual.threads.VirtualThreads;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem.Kind;
import io.sluice.store.StoreUnavailableException;
import io.sluice.web.EventStream.Message;
import io.sluice.web.EventTopic.State;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The event streams that are open in this process. Thread-safe.
 *
 * <p>A topic is read once per interval for each team that watches it, however many streams that team has, and not at
 * all without watchers. Each reading is passed to the streams, which send their clients the changes.
 */
@Singleton
class EventStreams {
    private static final Logger LOG = Logger.getLogger(EventStreams.class);

    private static final Duration WHEN_FULL = Duration.ofSeconds(30);
    private static final Duration WHEN_STOPPING = Duration.ofSeconds(2);

    private final Map<String, EventTopic> topics = new TreeMap<>();
    private final EventsConfig config;
    private final Timer timer;
    private final Ticker ticker;
    private final Executor threads;

    // Guarded by this.
    private final Map<Scope, Watch> watches = new HashMap<>();
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final Map<String, Integer> perTeam = new HashMap<>();
    private Timer.Alarm heartbeat = () -> {};
    private boolean stopping;

    /** A topic as one team sees it, or as an admin sees it for all teams. */
    private record Scope(EventTopic topic, @Nullable String team) {}

    @Inject
    EventStreams(
            @All List<EventTopic> topics,
            EventsConfig config,
            Timer timer,
            Ticker ticker,
            @VirtualThreads ExecutorService threads) {
        this(topics, config, timer, ticker, (Executor) threads);
    }

    /** @param threads runs tasks that may wait */
    EventStreams(List<EventTopic> topics, EventsConfig config, Timer timer, Ticker ticker, Executor threads) {
        topics.forEach(topic -> this.topics.put(topic.name(), topic));
        this.config = config;
        this.timer = timer;
        this.ticker = ticker;
        this.threads = threads;
    }

    /** Returns the names of the topics, in order. */
    Set<String> topics() {
        return topics.keySet();
    }

    /**
     * A client that requests a stream.
     *
     * @param team the team that the stream counts against
     * @param shown the team whose entries are requested; null for those of all teams
     * @param topics names of topics that exist
     * @param disconnect closes the client's connection at once; may wait
     */
    record Client(String team, @Nullable String shown, Set<String> topics, Runnable disconnect) {}

    /**
     * Opens a stream. It begins with all entries of its topics. Waits for the store.
     *
     * @return a publisher for one subscriber; the stream counts until that one cancels, or the stream ends
     * @throws ApiException if the team, or the process, has reached its maximum of streams
     * @throws StoreUnavailableException if the store is away
     */
    Flow.Publisher<Message> open(Client client) {
        Connection connection = new Connection(client);
        register(connection);
        try {
            for (String name : client.topics()) {
                EventTopic topic = topics.get(name);
                if (topic == null) {
                    throw new IllegalArgumentException("there is no topic " + name);
                }
                connection.watch(new Scope(topic, client.shown()));
            }
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
        return connection::subscribe;
    }

    /** Returns how many streams are open. */
    synchronized int open() {
        return connections.size();
    }

    /** Returns whether the process has begun to stop, so that streams of any kind must end. */
    synchronized boolean stopping() {
        return stopping;
    }

    private synchronized void register(Connection connection) {
        if (stopping) {
            throw new ApiException(Kind.UNAVAILABLE, "this process is stopping", WHEN_STOPPING);
        }
        String team = connection.client.team();
        int open = perTeam.getOrDefault(team, 0);
        if (open >= config.streamsPerTeam()) {
            throw new ApiException(
                    Kind.TOO_MANY_REQUESTS,
                    "team " + team + " has " + open + " event streams open, its maximum",
                    WHEN_FULL);
        }
        if (connections.size() >= config.maxStreams()) {
            throw new ApiException(
                    Kind.TOO_MANY_REQUESTS,
                    connections.size() + " event streams are open, the maximum of this process",
                    WHEN_FULL);
        }
        if (connections.isEmpty()) {
            heartbeat = timer.schedule(() -> threads.execute(this::beat), config.heartbeat());
        }
        connections.add(connection);
        perTeam.put(team, open + 1);
    }

    private void beat() {
        List<Connection> all;
        synchronized (this) {
            if (stopping || connections.isEmpty()) {
                return;
            }
            all = List.copyOf(connections);
            heartbeat = timer.schedule(() -> threads.execute(this::beat), config.heartbeat());
        }
        all.forEach(Connection::beat);
    }

    /** Ends all streams as soon as the process begins to stop, so that its shutdown does not wait for them. */
    void drain(@Observes ShutdownDelayInitiatedEvent stop) {
        end();
    }

    /** Ends all streams as {@link #drain} does, where shutdown has no delay. */
    void stop(@Observes ShutdownEvent stop) {
        end();
    }

    private void end() {
        List<Connection> all;
        synchronized (this) {
            stopping = true;
            heartbeat.cancel();
            all = List.copyOf(connections);
        }
        all.forEach(Connection::end);
    }

    /** The stream of one client, from the request to its end. */
    private final class Connection {
        private final Client client;

        // Guarded by EventStreams.this.
        private final List<Watch> watches = new ArrayList<>();
        private @Nullable EventStream stream;
        private boolean beaten;
        private boolean closed;

        Connection(Client client) {
            this.client = client;
        }

        /** Waits for the store if it is the first watcher of the scope. */
        void watch(Scope scope) {
            Watch watch;
            synchronized (EventStreams.this) {
                watch = EventStreams.this.watches.computeIfAbsent(scope, Watch::new);
                watch.connections.add(this);
                watches.add(watch);
            }
            watch.begin();
        }

        void subscribe(Flow.Subscriber<? super Message> subscriber) {
            EventStream subscribed = new EventStream(subscriber, ticker, this::close);
            subscriber.onSubscribe(subscribed);
            List<Watch> current;
            boolean over;
            synchronized (EventStreams.this) {
                stream = subscribed;
                current = List.copyOf(watches);
                over = stopping;
            }
            current.forEach(watch -> show(watch.scope, watch.state()));
            if (over) {
                subscribed.end();
            }
        }

        void show(Scope scope, State state) {
            EventStream current = stream();
            if (current != null) {
                current.show(scope.topic().name(), state);
            }
        }

        void beat() {
            EventStream current = stream();
            if (current == null) {
                closeUnlessNew();
            } else if (current.stalled().compareTo(config.stallTimeout()) > 0) {
                LOG.infof("event stream closed: team=%s reason=the client has stopped reading", client.team());
                current.cancel();
                threads.execute(client.disconnect());
            } else {
                current.beat();
            }
        }

        void end() {
            EventStream current = stream();
            if (current != null) {
                current.end();
            }
        }

        private @Nullable EventStream stream() {
            synchronized (EventStreams.this) {
                return stream;
            }
        }

        /** A response that failed before it began has no subscriber, and will have none. */
        private void closeUnlessNew() {
            boolean old;
            synchronized (EventStreams.this) {
                old = beaten && stream == null;
                beaten = true;
            }
            if (old) {
                close();
            }
        }

        /** Releases what the stream has taken. */
        void close() {
            synchronized (EventStreams.this) {
                if (closed) {
                    return;
                }
                closed = true;
                connections.remove(this);
                perTeam.computeIfPresent(client.team(), (team, open) -> open == 1 ? null : open - 1);
                watches.forEach(watch -> watch.leave(this));
                if (connections.isEmpty()) {
                    heartbeat.cancel();
                }
            }
        }
    }

    /** The repeated reading of a topic for one scope, as long as there is a connection that watches it. */
    private final class Watch {
        private final Scope scope;

        // Guarded by EventStreams.this.
        private final Set<Connection> connections = new LinkedHashSet<>();
        private State state = State.EMPTY;
        private boolean begun;
        private Timer.Alarm alarm = () -> {};

        private boolean away; // by the one thread that reads

        Watch(Scope scope) {
            this.scope = scope;
        }

        State state() {
            synchronized (EventStreams.this) {
                return state;
            }
        }

        /** Reads for the first time, and then repeatedly. If two begin together, both read, and one of them goes on. */
        void begin() {
            synchronized (EventStreams.this) {
                if (begun) {
                    return;
                }
            }
            State first = scope.topic().read(scope.team(), State.EMPTY);
            synchronized (EventStreams.this) {
                if (!begun) {
                    begun = true;
                    state = first;
                    schedule();
                }
            }
        }

        private void schedule() {
            if (!stopping && !connections.isEmpty()) {
                alarm = timer.schedule(
                        () -> threads.execute(this::look), scope.topic().interval());
            }
        }

        private void look() {
            try {
                State now = scope.topic().read(scope.team(), state());
                if (away) {
                    away = false;
                    LOG.infof(
                            "event topic poll works again: topic=%s",
                            scope.topic().name());
                }
                List<Connection> all;
                synchronized (EventStreams.this) {
                    state = now;
                    all = List.copyOf(connections);
                }
                all.forEach(connection -> connection.show(scope, now));
            } catch (StoreUnavailableException e) {
                if (!away) {
                    away = true;
                    LOG.warnf(
                            "event topic poll failed: topic=%s: %s",
                            scope.topic().name(), e.getMessage());
                }
            } finally {
                synchronized (EventStreams.this) {
                    schedule();
                }
            }
        }

        /** Called with the lock held. */
        void leave(Connection connection) {
            connections.remove(connection);
            if (connections.isEmpty()) {
                alarm.cancel();
                watches.remove(scope, this);
            }
        }
    }
}
