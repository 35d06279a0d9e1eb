package io.sluice.store;

import java.time.Instant;

/**
 * The retention of one table: how its rows are deleted once their time has come. Each table that does not keep its rows
 * for good has a bean of this type, which {@link RetentionJob} runs.
 *
 * @param table the name of the table, for logs
 */
public record Retention(String table, Purge purge) {
    /** Deletes rows. */
    @FunctionalInterface
    public interface Purge {
        /**
         * Deletes rows whose retention has ended, at most {@code atMost}, and returns how many. Waits for the database.
         * Other processes may do the same at the same time.
         */
        int run(Instant now, int atMost);
    }

    /**
     * The retention of a table in which each row names its end itself, in a column {@code keep_until}.
     *
     * @param key the columns of the primary key, as SQL
     */
    public static Retention byRow(Database database, String table, String key) {
        // A row that is used again at this moment, and kept for longer, is locked; it is left out, not deleted.
        String delete = "DELETE FROM %1$s WHERE (%2$s) IN (SELECT %2$s FROM %1$s WHERE keep_until <= ? LIMIT ?%3$s)"
                .formatted(table, key, database.dialect().skipLocked());
        return new Retention(
                table,
                (now, atMost) -> database.inTransaction(
                        connection -> new Sql(delete).with(now, atMost).update(connection)));
    }
}
