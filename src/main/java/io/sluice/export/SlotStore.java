package io.sluice.export;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps what is known of the slots that an account has at a vendor, for all processes. A job takes one while it is
 * submitting or running. The account's row is the lock under which they are counted. Every method is one transaction.
 *
 * <p>How many are taken by jobs of others is the difference of two numbers that are not of the same moment: what the
 * vendor says, and how many of our jobs it has counted. Where that is not known, it has counted fewer: an order that waits
 * a little is better than one that is refused.
 */
final class SlotStore {
    private static final String TAKEN = "('submitting', 'running')";

    /** The vendor took a job at most so long before we heard of it. */
    private static final Duration LATENCY = Duration.ofSeconds(1);

    private final Database database;
    private final boolean server;

    SlotStore(Database database) {
        this.database = database;
        this.server = database.kind() == Database.Kind.POSTGRESQL;
    }

    /**
     * An account's slots, and how its jobs stand.
     *
     * @param others slots that jobs of others take
     * @param waiting whether a part waits for one
     */
    record Slots(int slots, int others, Instant closedUntil, Taken taken, boolean waiting) {
        /** Whether a part waits since no slot is free, or the vendor said so. */
        boolean full(Instant now) {
            return waiting && (taken.all() + others >= slots || !closedUntil.isBefore(now));
        }

        /** Whether a job may be submitted now. */
        boolean free(Instant now) {
            return taken.submitting().isEmpty() && taken.all() + others < slots && !closedUntil.isAfter(now);
        }
    }

    /** The jobs of ours that take slots. */
    record Taken(Set<String> submitting, Set<String> running) {
        Taken {
            submitting = Set.copyOf(submitting);
            running = Set.copyOf(running);
        }

        int all() {
            return submitting.size() + running.size();
        }
    }

    /** Makes sure that an account's slots are known of. */
    void watch(String vendor, String account, int slots) {
        database.inTransaction(connection -> new Sql(
                        "INSERT INTO export_account (vendor, account, slots, others, asked_at, learned_at, closed_until,"
                                + " virtual_time) VALUES (?, ?, ?, 0, 0, 0, 0, 0)"
                                + " ON CONFLICT (vendor, account) DO NOTHING")
                .with(vendor, account, slots)
                .update(connection));
    }

    /** An account's slots; empty as long as nobody has ordered anything. */
    Optional<Slots> of(String vendor, String account) {
        return database.inTransaction(connection -> slots(connection, vendor, account, false));
    }

    /** The same, and nobody else counts them before the transaction has ended. */
    Optional<Slots> locked(Connection connection, String vendor, String account) throws SQLException {
        return slots(connection, vendor, account, server);
    }

    private static Optional<Slots> slots(Connection connection, String vendor, String account, boolean lock)
            throws SQLException {
        record Row(int slots, int others, Instant closedUntil) {}
        Optional<Row> row = new Sql("SELECT slots, others, closed_until FROM export_account"
                        + " WHERE vendor = ? AND account = ?" + (lock ? " FOR UPDATE" : ""))
                .with(vendor, account)
                .first(
                        connection,
                        found -> new Row(
                                found.getInt("slots"),
                                Math.max(0, found.getInt("others")),
                                Instant.ofEpochMilli(found.getLong("closed_until"))));
        if (row.isEmpty()) {
            return Optional.empty();
        }
        // A statement of its own, so that it sees what was committed while this one waited for the lock.
        Taken taken = taken(connection, vendor, account);
        boolean waiting = teamOf(connection, vendor, account, "= 'queued'").isPresent();
        return Optional.of(
                new Slots(row.get().slots(), row.get().others(), row.get().closedUntil(), taken, waiting));
    }

    /** The jobs of ours that take slots of an account. */
    Taken taken(String vendor, String account) {
        return database.inTransaction(connection -> taken(connection, vendor, account));
    }

    private static Taken taken(Connection connection, String vendor, String account) throws SQLException {
        Set<String> submitting = new HashSet<>();
        Set<String> running = new HashSet<>();
        new Sql("SELECT id, state FROM export_job WHERE vendor = ? AND account = ? AND state IN " + TAKEN)
                .with(vendor, account)
                .list(
                        connection,
                        row -> (row.getString("state").equals("running") ? running : submitting)
                                .add(row.getString("id")));
        return new Taken(submitting, running);
    }

    private static Optional<String> teamOf(Connection connection, String vendor, String account, String state)
            throws SQLException {
        return new Sql("SELECT team FROM export_job WHERE vendor = ? AND account = ? AND state " + state + " LIMIT 1")
                .with(vendor, account)
                .first(connection, row -> row.getString("team"));
    }

    /** Holds an account's submissions back until a time. */
    void close(String vendor, String account, Instant until) {
        database.inTransaction(
                connection -> new Sql("UPDATE export_account SET closed_until = ? WHERE vendor = ? AND account = ?")
                        .with(until, vendor, account)
                        .update(connection));
    }

    /**
     * Claims the asking for an account's slots: one process asks.
     *
     * @param before asked last before then
     * @param onBehalf of which team to ask if there is no job under way; none if it need not be asked then
     * @return on behalf of which team to ask, if it is time to
     */
    Optional<String> claimAsking(
            String vendor, String account, Instant before, Instant now, Optional<String> onBehalf) {
        return database.inTransaction(connection -> {
            Optional<String> team = teamOf(connection, vendor, account, "= 'queued'");
            if (team.isEmpty()) {
                team = teamOf(connection, vendor, account, "IN " + TAKEN).or(() -> onBehalf);
            }
            return team.isPresent()
                            && new Sql("UPDATE export_account SET asked_at = ?"
                                                    + " WHERE vendor = ? AND account = ? AND asked_at <= ?")
                                            .with(now, vendor, account, before)
                                            .update(connection)
                                    == 1
                    ? team
                    : Optional.empty();
        });
    }

    /** Has the vendor asked as soon as anybody looks. */
    void askSoon(String vendor, String account) {
        database.inTransaction(
                connection -> new Sql("UPDATE export_account SET asked_at = 0 WHERE vendor = ? AND account = ?")
                        .with(vendor, account)
                        .update(connection));
    }

    /**
     * Stores what the vendor has just said of an account's slots.
     *
     * @param before the jobs of ours that took slots before it was asked
     * @return whether jobs may be taken for others' that are ours: since an order was on its way, or one has ended, when the
     *     vendor was asked
     */
    boolean learn(String vendor, String account, Exporter.Capacity capacity, Taken before, Instant now) {
        return database.inTransaction(connection -> {
            Taken after = taken(connection, vendor, account);
            Set<String> counted = new HashSet<>(before.running());
            counted.retainAll(after.running());
            // Below zero if jobs of ours have ended that we believe to be running.
            int others = capacity.taken() - counted.size();
            new Sql("UPDATE export_account SET slots = ?, others = ?, learned_at = ? WHERE vendor = ? AND account = ?")
                    .with(capacity.slots(), others, now, vendor, account)
                    .update(connection);
            return others > 0 && !(before.submitting().isEmpty() && before.equals(after));
        });
    }

    /**
     * Notes that a job no longer runs: if it had ended when the vendor was asked last, the vendor has not counted it, and
     * one of those that were taken for ours is another's.
     */
    static void ended(Connection connection, Job job, JobState.Running running) throws SQLException {
        Long took = job.state() instanceof JobState.Fetching fetching
                ? fetching.ended().took()
                : null;
        Instant lastAlive = took == null
                ? running.since()
                : running.since().plusMillis(took).minus(LATENCY);
        // Where that leaves somebody else's job, which may be there or not, the vendor is asked at once.
        new Sql("UPDATE export_account SET others = others + 1,"
                        + " asked_at = CASE WHEN others >= 0 THEN 0 ELSE asked_at END"
                        + " WHERE vendor = ? AND account = ? AND learned_at > ?")
                .with(job.spec().vendor(), job.spec().account(), lastAlive)
                .update(connection);
    }
}
