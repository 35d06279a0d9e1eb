package io.sluice.export;

import io.sluice.export.job.JobSpec;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** The store of how long jobs of a kind take, learned from those that have ended. Every method is one transaction. */
final class DurationStore {
    private final Database database;

    DurationStore(Database database) {
        this.database = database;
    }

    /** The estimate of how long jobs of a kind take; empty before the first has ended. */
    Optional<DurationEstimate> estimate(JobSpec spec) {
        return database.inTransaction(connection -> estimate(connection, spec));
    }

    private static Optional<DurationEstimate> estimate(Connection connection, JobSpec spec) throws SQLException {
        return new Sql("SELECT millis, deviation FROM export_duration WHERE vendor = ? AND account = ? AND kind = ?")
                .with(spec.account(), spec.kind())
                .first(
                        connection,
                        row -> new DurationEstimate(
                                Duration.ofMillis(row.getLong("millis")), Duration.ofMillis(row.getLong("deviation"))));
    }

    /** Updates the estimate of a kind of jobs with the duration of one. */
    void learn(JobSpec spec, Duration took) {
        database.inTransaction(connection -> {
            DurationEstimate estimate =
                    DurationEstimate.updated(estimate(connection, spec).orElse(null), took);
            return new Sql(
                            "INSERT INTO export_duration (vendor, account, kind, millis, deviation) VALUES (?, ?, ?, ?, ?)"
                                    + " ON CONFLICT (vendor, account, kind)"
                                    + " DO UPDATE SET millis = excluded.millis, deviation = excluded.deviation")
                    .with(spec.account(), spec.kind())
                    .with(estimate.mean().toMillis(), estimate.deviation().toMillis())
                    .update(connection);
        });
    }
}
