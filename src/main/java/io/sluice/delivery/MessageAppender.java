package io.sluice.delivery;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Appends the messages of many deliveries in one transaction. Thread-safe.
 *
 * <p>It first locks the counter's row, for which every other acceptance then waits: so messages become visible in the
 * order of their numbers, and none can overtake a number that is not committed yet. It only appends;
 * {@link MessageIndexer} does the rest. Rows are locked in one order, counter, ordering groups by number, queues by
 * number; indexing and settling use the same order.
 */
final class MessageAppender {
    /**
     * The kind of a row that blocks a message's second ordering group until the message is gone. The stored text is
     * older than the name, and stays.
     */
    static final String BARRIER = "gate";

    private final Database database;
    private final QueueIds queues = new QueueIds();

    MessageAppender(Database database) {
        this.database = database;
    }

    /**
     * Stores the deliveries, durably.
     *
     * @param maxQueued how many messages a queue may hold
     * @return for each delivery, true if it was stored, false if its queue is full
     */
    List<Boolean> append(List<Delivery> deliveries, long maxQueued) {
        QueueIds.View[] used = new QueueIds.View[1];
        List<Boolean> stored = database.inTransaction(connection -> {
            QueueIds.View view = queues.in(connection);
            used[0] = view;
            return new AppendTransaction(connection, view, maxQueued).all(deliveries);
        });
        used[0].committed();
        return stored;
    }

    /** The work of one transaction. */
    static final class AppendTransaction {
        private final Connection connection;
        private final QueueIds.View queues;
        private final long maxQueued;
        private final Map<Integer, Long> queued = new HashMap<>();
        private final TreeMap<Integer, Long> added = new TreeMap<>();

        AppendTransaction(Connection connection, QueueIds.View queues, long maxQueued) {
            this.connection = connection;
            this.queues = queues;
            this.maxQueued = maxQueued;
        }

        List<Boolean> all(List<Delivery> deliveries) throws SQLException {
            long next = takeNumbers(
                    connection,
                    deliveries.stream()
                            .mapToLong(delivery -> delivery.messages().size())
                            .sum());
            List<Boolean> stored = new ArrayList<>();
            try (Sql.Batch insert = insert(connection)) {
                for (Delivery delivery : deliveries) {
                    int queue = queues.of(delivery.destination(), delivery.team());
                    boolean fits = fits(queue, delivery.messages().size());
                    if (fits) {
                        addMessages(insert, delivery, queue, next);
                        next += delivery.messages().size();
                    }
                    stored.add(fits);
                }
                insert.execute();
            }
            count();
            return stored;
        }

        private boolean fits(int queue, int messages) throws SQLException {
            Long held = queued.get(queue);
            if (held == null) {
                held = QueueCounters.queued(connection, queue);
            }
            boolean fits = held + messages <= maxQueued;
            queued.put(queue, fits ? held + messages : held);
            return fits;
        }

        private void addMessages(Sql.Batch insert, Delivery delivery, int queue, long first) throws SQLException {
            int position = 0;
            for (Message message : delivery.messages()) {
                long group = OrderingKeys.hash(delivery.destination(), message.orderingKey());
                Long second = Optional.ofNullable(message.secondOrderingKey())
                        .map(name -> OrderingKeys.hash(delivery.destination(), name))
                        .filter(number -> number != group)
                        .orElse(null);
                ClaimedMessage stored = new ClaimedMessage(
                        group,
                        first + position,
                        queue,
                        delivery.id(),
                        position,
                        message.kind(),
                        message.operation(),
                        message.payload(),
                        delivery.acceptedAt(),
                        delivery.expiresAt(),
                        0,
                        false,
                        second);
                add(insert, stored);
                position++;
            }
        }

        /** Adds a message to the batch and to the counts, and a barrier if it concerns two keys. */
        void add(Sql.Batch insert, ClaimedMessage message) throws SQLException {
            row(insert, message);
            added.merge(message.queue(), 1L, Long::sum);
            Long second = message.secondGroup();
            if (second != null) {
                row(
                        insert,
                        new ClaimedMessage(
                                second,
                                message.seq(),
                                message.queue(),
                                message.id(),
                                message.position(),
                                BARRIER,
                                message.operation(),
                                "",
                                message.acceptedAt(),
                                message.expiresAt(),
                                0,
                                false,
                                message.group()));
            }
        }

        static Sql.Batch insert(Connection connection) throws SQLException {
            return Sql.batch(connection, """
                    INSERT INTO delivery (lane, seq, flow, id, position, kind, operation, payload, accepted_at, expires_at,
                        other_lane) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""");
        }

        private static void row(Sql.Batch insert, ClaimedMessage message) throws SQLException {
            insert.add(
                    message.group(),
                    message.seq(),
                    message.queue(),
                    message.id(),
                    message.position(),
                    message.kind(),
                    message.operation(),
                    message.payload(),
                    message.acceptedAt(),
                    message.expiresAt(),
                    message.secondGroup());
        }

        void count() throws SQLException {
            QueueCounters.add(connection, added, Map.of());
        }
    }

    /**
     * Reserves that many sequence numbers, and locks acceptance until the transaction ends; returns the first number.
     */
    static long takeNumbers(Connection connection, long count) throws SQLException {
        long last = new Sql("UPDATE delivery_counter SET value = value + ? WHERE name = 'letters' RETURNING value")
                .with(count)
                .one(connection, row -> row.getLong("value"));
        return last - count + 1;
    }
}
