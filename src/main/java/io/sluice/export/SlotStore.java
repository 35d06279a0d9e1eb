package io.sluice.export;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps what is known of the slots that an account has at a vendor, for all processes. A job takes one while it is
 * submitting or running, and so does one that the vendor names and that is not ours. The account's row is the lock under
 * which they are counted. Every method is one transaction.
 */
final class SlotStore {
    private static final String TAKEN = "('submitting', 'running')";

    private final Database database;
    private final boolean server;

    SlotStore(Database database) {
        this.database = database;
        this.server = database.kind() == Database.Kind.POSTGRESQL;
    }

    /**
     * An account's slots, and how its jobs stand.
     *
     * @param reported whether the vendor has ever said how many there are
     * @param others slots that jobs of others take
     * @param waiting whether a part waits for one
     */
    record Slots(int slots, boolean reported, int others, Instant closedUntil, SlotsInUse taken, boolean waiting) {
        /** Whether a part waits since no slot is free, or the vendor said so. */
        boolean full(Instant now) {
            return waiting && (taken.all() + others >= slots || !closedUntil.isBefore(now));
        }

        /** Whether a job may be submitted now. */
        boolean free(Instant now) {
            return taken.submitting() == 0 && taken.all() + others < slots && !closedUntil.isAfter(now);
        }
    }

    /** How many slots jobs of ours take. */
    record SlotsInUse(int submitting, int running) {
        int all() {
            return submitting + running;
        }
    }

    /** Makes sure that an account's slots are known of. */
    void watch(String vendor, String account, int slots) {
        database.inTransaction(connection -> new Sql(
                        "INSERT INTO export_account (vendor, account, slots, others, asked_at, closed_until,"
                                + " virtual_time) VALUES (?, ?, ?, 0, 0, 0, 0) ON CONFLICT (vendor, account) DO NOTHING")
                .with(vendor, account, slots)
                .update(connection));
    }

    /** An account's slots; empty as long as nobody has requested anything. */
    Optional<Slots> of(String vendor, String account) {
        return database.inTransaction(connection -> slots(connection, vendor, account, false));
    }

    /** The same, and nobody else counts them before the transaction has ended. */
    Optional<Slots> locked(Connection connection, String vendor, String account) throws SQLException {
        return slots(connection, vendor, account, server);
    }

    private static Optional<Slots> slots(Connection connection, String vendor, String account, boolean lock)
            throws SQLException {
        record Row(int slots, boolean reported, int unnamed, Set<String> jobs, Instant closedUntil) {}
        Optional<Row> row = new Sql("SELECT slots, payer, others, jobs, closed_until FROM export_account"
                        + " WHERE vendor = ? AND account = ?" + (lock ? " FOR UPDATE" : ""))
                .with(vendor, account)
                .first(
                        connection,
                        found -> new Row(
                                found.getInt("slots"),
                                found.getString("payer") != null,
                                found.getInt("others"),
                                JobJson.strings(found.getString("jobs")),
                                Instant.ofEpochMilli(found.getLong("closed_until"))));
        if (row.isEmpty()) {
            return Optional.empty();
        }
        // Statements of their own, so that they see what was committed while the first one waited for the lock.
        SlotsInUse taken = taken(connection, vendor, account);
        boolean waiting = teamOf(connection, vendor, account, "= 'queued'").isPresent();
        Set<String> others = new HashSet<>(row.get().jobs());
        others.removeAll(ours(connection, vendor, account, others));
        return Optional.of(new Slots(
                row.get().slots(),
                row.get().reported(),
                row.get().unnamed() + others.size(),
                row.get().closedUntil(),
                taken,
                waiting));
    }

    private static SlotsInUse taken(Connection connection, String vendor, String account) throws SQLException {
        return new Sql("SELECT count(*) AS jobs, coalesce(sum(CASE WHEN state = 'submitting' THEN 1 ELSE 0 END), 0)"
                        + " AS submitting FROM export_job WHERE vendor = ? AND account = ? AND state IN " + TAKEN)
                .with(vendor, account)
                .first(
                        connection,
                        row -> new SlotsInUse(row.getInt("submitting"), row.getInt("jobs") - row.getInt("submitting")))
                .orElseThrow();
    }

    /**
     * Which of the vendor's jobs are ours. One that was given up may go on there, and takes its slot until the vendor does
     * not name it any more.
     */
    private static Set<String> ours(Connection connection, String vendor, String account, Set<String> jobs)
            throws SQLException {
        if (jobs.isEmpty()) {
            return Set.of();
        }
        return new HashSet<>(new Sql("SELECT vendor_job_id FROM export_job WHERE vendor = ? AND account = ?"
                        + " AND state NOT IN ('failed', 'cancelled') AND vendor_job_id IN (" + marks(jobs) + ")")
                .with(vendor, account)
                .with(jobs.toArray())
                .list(connection, row -> row.getString("vendor_job_id")));
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
     * @param teamToCharge of which team to ask if no job of ours is under way; none if it need not be asked then, unless jobs of
     *     others are known of, which must not count for good: then the team that was asked for last pays again
     * @return on behalf of which team to ask, if it is time to
     */
    Optional<String> claimPoll(
            String vendor, String account, Instant before, Instant now, Optional<String> teamToCharge) {
        return database.inTransaction(connection -> {
            Optional<String> team = teamOf(connection, vendor, account, "= 'queued'");
            if (team.isEmpty()) {
                team = teamOf(connection, vendor, account, "IN " + TAKEN).or(() -> teamToCharge);
            }
            if (team.isEmpty()) {
                team = new Sql("SELECT payer FROM export_account WHERE vendor = ? AND account = ?"
                                + " AND payer IS NOT NULL AND (others > 0 OR jobs <> '[]')")
                        .with(vendor, account)
                        .first(connection, row -> row.getString("payer"));
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

    /**
     * Stores what the vendor has just said of an account's slots. Jobs of ours that it does not name are due: they are over.
     *
     * @param payer the team on whose behalf it was asked
     */
    void learn(String vendor, String account, String payer, Exporter.Capacity capacity, Instant now) {
        database.inTransaction(connection -> {
            locked(connection, vendor, account);
            Set<String> jobs = capacity.jobs();
            // Where none is named, the difference is the best guess, though the two numbers are not of the same moment.
            int named = jobs.isEmpty() ? taken(connection, vendor, account).all() : jobs.size();
            new Sql("UPDATE export_account SET slots = ?, others = ?, jobs = ?, payer = ?"
                            + " WHERE vendor = ? AND account = ?")
                    .with(capacity.slots(), Math.max(0, capacity.taken() - named), JobJson.strings(jobs))
                    .with(payer, vendor, account)
                    .update(connection);
            if (jobs.size() == capacity.taken()) {
                due(connection, vendor, account, jobs, now);
            }
            return jobs;
        });
    }

    private static void due(Connection connection, String vendor, String account, Set<String> running, Instant now)
            throws SQLException {
        List<String> over = new Sql("SELECT id, vendor_job_id, detail FROM export_job"
                        + " WHERE vendor = ? AND account = ? AND state = 'running' AND due_at > ?")
                        .with(vendor, account, now)
                        .list(
                                connection,
                                // One that could not be looked at waits for as long as the vendor said.
                                row -> running.contains(row.getString("vendor_job_id"))
                                                || JobJson.problem(JobJson.parse(row.getString("detail"))) != null
                                        ? Optional.<String>empty()
                                        : Optional.of(row.getString("id")))
                        .stream()
                        .flatMap(Optional::stream)
                        .toList();
        for (String job : over) {
            // It may have ended meanwhile, and what is over must not be due again.
            new Sql("UPDATE export_job SET due_at = ? WHERE id = ? AND state = 'running'")
                    .with(now, job)
                    .update(connection);
        }
    }

    private static String marks(Set<String> values) {
        return String.join(", ", Collections.nCopies(values.size(), "?"));
    }

    /** Has the vendor asked as soon as anybody looks. */
    void pollSoon(String vendor, String account) {
        database.inTransaction(
                connection -> new Sql("UPDATE export_account SET asked_at = 0 WHERE vendor = ? AND account = ?")
                        .with(vendor, account)
                        .update(connection));
    }
}
