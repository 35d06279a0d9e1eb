package io.sluice.delivery;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Stores the letters of many parcels in one transaction. Thread-safe.
 *
 * <p>It first takes the counter's row, which every other acceptance then waits for: so letters become visible in the order
 * of their numbers, and nobody can overtake a number that is still on its way. It only appends; {@link SortLetters} does the
 * rest. Rows are locked in one order, counter, lanes by number, flows by number, which is also theirs who sort and finish.
 */
final class AcceptLetters {
    static final String GATE = "gate";

    private final Database database;
    private final FlowIds flows = new FlowIds();

    AcceptLetters(Database database) {
        this.database = database;
    }

    /**
     * Stores the parcels, durably.
     *
     * @param maxQueued how many letters a flow may hold
     * @return for each parcel, whether it was stored: it was not if its flow is full
     */
    List<Boolean> store(List<Parcel> parcels, long maxQueued) {
        FlowIds.View[] used = new FlowIds.View[1];
        List<Boolean> stored = database.inTransaction(connection -> {
            FlowIds.View view = flows.in(connection);
            used[0] = view;
            return new Storing(connection, view, maxQueued).all(parcels);
        });
        used[0].committed();
        return stored;
    }

    /** Stores in one transaction. */
    static final class Storing {
        private final Connection connection;
        private final FlowIds.View flows;
        private final long maxQueued;
        private final Map<Integer, Long> queued = new HashMap<>();
        private final TreeMap<Integer, Long> added = new TreeMap<>();

        Storing(Connection connection, FlowIds.View flows, long maxQueued) {
            this.connection = connection;
            this.flows = flows;
            this.maxQueued = maxQueued;
        }

        List<Boolean> all(List<Parcel> parcels) throws SQLException {
            long next = take(
                    connection,
                    parcels.stream()
                            .mapToLong(parcel -> parcel.letters().size())
                            .sum());
            List<Boolean> stored = new ArrayList<>();
            try (PreparedStatement insert = insert(connection)) {
                for (Parcel parcel : parcels) {
                    int flow = flows.of(parcel.channel(), parcel.team());
                    boolean fits = fits(flow, parcel.letters().size());
                    if (fits) {
                        letters(insert, parcel, flow, next);
                        next += parcel.letters().size();
                    }
                    stored.add(fits);
                }
                insert.executeBatch();
            }
            count();
            return stored;
        }

        private boolean fits(int flow, int letters) throws SQLException {
            Long held = queued.get(flow);
            if (held == null) {
                held = FlowCounts.queued(connection, flow);
            }
            boolean fits = held + letters <= maxQueued;
            queued.put(flow, fits ? held + letters : held);
            return fits;
        }

        private void letters(PreparedStatement insert, Parcel parcel, int flow, long first) throws SQLException {
            int position = 0;
            for (Letter letter : parcel.letters()) {
                long lane = Lanes.of(parcel.channel(), letter.addressee());
                Long other = letter.other()
                        .map(name -> Lanes.of(parcel.channel(), name))
                        .filter(number -> number != lane)
                        .orElse(null);
                Waiting waiting = new Waiting(
                        lane,
                        first + position,
                        flow,
                        parcel.id(),
                        position,
                        letter.kind(),
                        letter.operation(),
                        letter.payload(),
                        parcel.acceptedAt(),
                        parcel.expiresAt(),
                        0,
                        false,
                        other);
                add(insert, waiting);
                position++;
            }
        }

        /** Adds a letter to the batch and to the counts, and a gate if it concerns two. */
        void add(PreparedStatement insert, Waiting letter) throws SQLException {
            row(insert, letter);
            added.merge(letter.flow(), 1L, Long::sum);
            Long other = letter.otherLane();
            if (other != null) {
                row(
                        insert,
                        new Waiting(
                                other,
                                letter.seq(),
                                letter.flow(),
                                letter.id(),
                                letter.position(),
                                GATE,
                                letter.operation(),
                                "",
                                letter.acceptedAt(),
                                letter.expiresAt(),
                                0,
                                false,
                                letter.lane()));
            }
        }

        static PreparedStatement insert(Connection connection) throws SQLException {
            return connection.prepareStatement("""
                    INSERT INTO delivery (lane, seq, flow, id, position, kind, operation, payload, accepted_at, expires_at,
                        other_lane) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""");
        }

        private static void row(PreparedStatement insert, Waiting letter) throws SQLException {
            insert.setLong(1, letter.lane());
            insert.setLong(2, letter.seq());
            insert.setInt(3, letter.flow());
            insert.setString(4, letter.id());
            insert.setInt(5, letter.position());
            insert.setString(6, letter.kind());
            insert.setString(7, letter.operation());
            insert.setString(8, letter.payload());
            insert.setLong(9, letter.acceptedAt());
            insert.setLong(10, letter.expiresAt());
            if (letter.otherLane() == null) {
                insert.setNull(11, Types.BIGINT);
            } else {
                insert.setLong(11, letter.otherLane());
            }
            insert.addBatch();
        }

        void count() throws SQLException {
            FlowCounts.add(connection, added, Map.of());
        }
    }

    /** Takes that many numbers, and with them the right to accept until the transaction ends; tells the first. */
    static long take(Connection connection, long count) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE delivery_counter SET value = value + ? WHERE name = 'letters' RETURNING value")) {
            update.setLong(1, count);
            try (ResultSet row = update.executeQuery()) {
                row.next();
                return row.getLong(1) - count + 1;
            }
        }
    }
}
