package io.sluice.operator;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of operators' settings. Thread-safe; its methods wait for the database. */
final class SettingStore {
    private final Database database;

    SettingStore(Database database) {
        this.database = database;
    }

    /**
     * A change of one setting.
     *
     * @param setting the new setting; null to remove it
     * @param at when the operator made the change
     * @param late true if the database was away then: a change that was stored since, by another process, stays
     */
    record Change(OperatorSetting.Key key, @Nullable OperatorSetting setting, Instant at, boolean late) {
        Change whenLate() {
            return late ? this : new Change(key, setting, at, true);
        }

        /** Returns true if another is this change, late or not. */
        boolean isSame(Change other) {
            return whenLate().equals(other.whenLate());
        }
    }

    /** Stores changes, durably, and returns all settings as they are then. */
    List<OperatorSetting> sync(Collection<Change> changes) {
        return database.inTransaction(connection -> {
            for (Change change : changes) {
                if (change.setting() == null) {
                    remove(connection, change);
                } else {
                    put(connection, change.setting(), change);
                }
            }
            return new Sql("SELECT vendor, account, setting, value, set_by, set_at, reason, keep_until"
                            + " FROM operator_setting")
                    .list(connection, SettingStore::setting);
        });
    }

    private static void put(Connection connection, OperatorSetting setting, Change change) throws SQLException {
        Attribution attribution = setting.attribution();
        new Sql("""
                INSERT INTO operator_setting (vendor, account, setting, value, set_by, set_at, reason, keep_until)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (vendor, account, setting) DO UPDATE
                SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at,
                    reason = excluded.reason, keep_until = excluded.keep_until
                WHERE operator_setting.set_at IS NULL OR operator_setting.set_at <= ?""")
                .with(change.key().account(), change.key().setting())
                .with(setting.value(), attribution.by(), change.at(), attribution.reason(), attribution.until())
                .with(replaced(change))
                .update(connection);
    }

    private static void remove(Connection connection, Change change) throws SQLException {
        new Sql("DELETE FROM operator_setting WHERE vendor = ? AND account = ? AND setting = ?"
                        + " AND (set_at IS NULL OR set_at <= ?)")
                .with(change.key().account(), change.key().setting())
                .with(replaced(change))
                .update(connection);
    }

    /**
     * The time up to which a change replaces others: a late one, its own; any other replaces all, since the clocks of
     * processes differ.
     */
    private static long replaced(Change change) {
        return change.late() ? change.at().toEpochMilli() : Long.MAX_VALUE;
    }

    private static OperatorSetting setting(ResultSet row) throws SQLException {
        return new OperatorSetting(
                new OperatorSetting.Key(Sql.accountId(row), row.getString("setting")),
                row.getString("value"),
                new Attribution(
                        row.getString("set_by"),
                        Sql.instant(row, "set_at"),
                        row.getString("reason"),
                        Sql.instant(row, "keep_until")));
    }
}
