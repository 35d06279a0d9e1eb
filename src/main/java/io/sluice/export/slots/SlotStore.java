package io.sluice.export.slots;

import io.sluice.AccountId;
import io.sluice.export.job.JobJson;
import io.sluice.export.job.SlotAware;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The store of the slots that accounts have at a vendor, shared by all processes. A job takes a slot while it is
 * submitting or running, and so does one that the vendor names and that is not ours. The account's row is the lock
 * under which they are counted. Every method is one transaction.
 */
public final class SlotStore {
    private static final String TAKEN = "('submitting', 'running')";

    private final Database database;

    public SlotStore(Database database) {
        this.database = database;
    }

    /**
     * The slots of an account, and how many of them jobs take.
     *
     * @param reported true if the vendor has ever reported how many there are
     * @param others slots that jobs of others take
     * @param waiting true if a part waits for one
     */
    public record Slots(
            int slots, boolean reported, int others, Instant closedUntil, SlotsInUse taken, boolean waiting) {
        /** True if a part waits because no slot is free, or the vendor reported that none is. */
        public boolean full(Instant now) {
            return waiting && (taken.all() + others >= slots || !closedUntil.isBefore(now));
        }

        /** True if a job may be submitted now. */
        public boolean free(Instant now) {
            return taken.submitting() == 0 && taken.all() + others < slots && !closedUntil.isAfter(now);
        }
    }

    /** The slots that jobs of ours take. */
    public record SlotsInUse(int submitting, int running) {
        int all() {
            return submitting + running;
        }
    }

    /** Creates the row of an account's slots if there is none. */
    public void watch(AccountId account, int slots) {
        database.inTransaction(connection -> new Sql(
                        "INSERT INTO export_account (vendor, account, slots, others, asked_at, closed_until,"
                                + " virtual_time) VALUES (?, ?, ?, 0, 0, 0, 0) ON CONFLICT (vendor, account) DO NOTHING")
                .with(account, slots)
                .update(connection));
    }

    /** The slots of an account; empty as long as no export was requested for it. */
    public Optional<Slots> of(AccountId account) {
        return database.inTransaction(connection -> slots(connection, account, ""));
    }

    /** The same, with the row locked: no other transaction counts the slots before this one has ended. */
    public Optional<Slots> locked(Connection connection, AccountId account) throws SQLException {
        return slots(connection, account, database.dialect().forUpdate());
    }

    private static Optional<Slots> slots(Connection connection, AccountId account, String lock) throws SQLException {
        record Row(int slots, boolean reported, int unnamed, Set<String> jobs, Instant closedUntil) {}
        Optional<Row> row = new Sql("SELECT slots, payer, others, jobs, closed_until FROM export_account"
                        + " WHERE vendor = ? AND account = ?" + lock)
                .with(account)
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
        SlotsInUse taken = taken(connection, account);
        boolean waiting = teamOf(connection, account, "= 'queued'").isPresent();
        Set<String> others = new HashSet<>(row.get().jobs());
        others.removeAll(ours(connection, account, others));
        return Optional.of(new Slots(
                row.get().slots(),
                row.get().reported(),
                row.get().unnamed() + others.size(),
                row.get().closedUntil(),
                taken,
                waiting));
    }

    private static SlotsInUse taken(Connection connection, AccountId account) throws SQLException {
        return new Sql("SELECT count(*) AS jobs, coalesce(sum(CASE WHEN state = 'submitting' THEN 1 ELSE 0 END), 0)"
                        + " AS submitting FROM export_job WHERE vendor = ? AND account = ? AND state IN " + TAKEN)
                .with(account)
                .first(
                        connection,
                        row -> new SlotsInUse(row.getInt("submitting"), row.getInt("jobs") - row.getInt("submitting")))
                .orElseThrow();
    }

    /**
     * The jobs, among those the vendor names, that are ours. One that was given up may go on there, and takes its slot
     * until the vendor no longer names it.
     */
    private static Set<String> ours(Connection connection, AccountId account, Set<String> jobs) throws SQLException {
        if (jobs.isEmpty()) {
            return Set.of();
        }
        return new HashSet<>(new Sql("SELECT vendor_job_id FROM export_job WHERE vendor = ? AND account = ?"
                        + " AND state NOT IN ('failed', 'cancelled') AND vendor_job_id IN (" + marks(jobs) + ")")
                .with(account)
                .with(jobs.toArray())
                .list(connection, row -> row.getString("vendor_job_id")));
    }

    private static Optional<String> teamOf(Connection connection, AccountId account, String state) throws SQLException {
        return new Sql("SELECT team FROM export_job WHERE vendor = ? AND account = ? AND state " + state + " LIMIT 1")
                .with(account)
                .first(connection, row -> row.getString("team"));
    }

    /** Holds an account's submissions back until a time. */
    public void close(AccountId account, Instant until) {
        database.inTransaction(
                connection -> new Sql("UPDATE export_account SET closed_until = ? WHERE vendor = ? AND account = ?")
                        .with(until, account)
                        .update(connection));
    }

    /**
     * Claims the poll of an account's slots, so that one process at a time polls them.
     *
     * @param before a poll is due if the last one was before then
     * @param teamToCharge the team to charge if no job of ours is under way; null if no poll is needed then, except
     *     where jobs of others were reported, which must not count for good: then the team that paid for the last poll
     *     pays again
     * @return the team to charge for the poll; empty if none is due
     */
    public Optional<String> claimPoll(AccountId account, Instant before, Instant now, @Nullable String teamToCharge) {
        return database.inTransaction(connection -> {
            Optional<String> team = teamOf(connection, account, "= 'queued'");
            if (team.isEmpty()) {
                team = teamOf(connection, account, "IN " + TAKEN).or(() -> Optional.ofNullable(teamToCharge));
            }
            if (team.isEmpty()) {
                team = new Sql("SELECT payer FROM export_account WHERE vendor = ? AND account = ?"
                                + " AND payer IS NOT NULL AND (others > 0 OR jobs <> '[]')")
                        .with(account)
                        .first(connection, row -> row.getString("payer"));
            }
            return team.isPresent()
                            && new Sql("UPDATE export_account SET asked_at = ?"
                                                    + " WHERE vendor = ? AND account = ? AND asked_at <= ?")
                                            .with(now, account, before)
                                            .update(connection)
                                    == 1
                    ? team
                    : Optional.empty();
        });
    }

    /**
     * Stores the slots of an account as the vendor has just reported them. Jobs of ours that it does not name are due:
     * they have ended.
     *
     * @param payer the team that paid for the poll
     */
    public void learn(AccountId account, String payer, SlotAware.Capacity capacity, Instant now) {
        database.inTransaction(connection -> {
            locked(connection, account);
            Set<String> jobs = capacity.jobs();
            // Where no job is named, the difference is the best guess, though the two numbers are not of the same
            // moment.
            int named = jobs.isEmpty() ? taken(connection, account).all() : jobs.size();
            new Sql("UPDATE export_account SET slots = ?, others = ?, jobs = ?, payer = ?"
                            + " WHERE vendor = ? AND account = ?")
                    .with(capacity.slots(), Math.max(0, capacity.taken() - named), JobJson.strings(jobs))
                    .with(payer, account)
                    .update(connection);
            if (jobs.size() == capacity.taken()) {
                due(connection, account, jobs, now);
            }
            return jobs;
        });
    }

    private static void due(Connection connection, AccountId account, Set<String> running, Instant now)
            throws SQLException {
        List<String> over = new Sql("SELECT id, vendor_job_id, detail FROM export_job"
                        + " WHERE vendor = ? AND account = ? AND state = 'running' AND due_at > ?")
                        .with(account, now)
                        .list(
                                connection,
                                // A job whose poll failed waits for as long as the vendor demanded.
                                row -> running.contains(row.getString("vendor_job_id"))
                                                || JobJson.problem(JobJson.parse(row.getString("detail"))) != null
                                        ? Optional.<String>empty()
                                        : Optional.of(row.getString("id")))
                        .stream()
                        .flatMap(Optional::stream)
                        .toList();
        for (String job : over) {
            // It may have ended meanwhile, and a job that has ended must not be due again.
            new Sql("UPDATE export_job SET due_at = ? WHERE id = ? AND state = 'running'")
                    .with(now, job)
                    .update(connection);
        }
    }

    private static String marks(Set<String> values) {
        return String.join(", ", Collections.nCopies(values.size(), "?"));
    }

    /** Makes a poll of the account's slots due at once. */
    void pollSoon(AccountId account) {
        database.inTransaction(
                connection -> new Sql("UPDATE export_account SET asked_at = 0 WHERE vendor = ? AND account = ?")
                        .with(account)
                        .update(connection));
    }
}
