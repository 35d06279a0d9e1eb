package io.sluice.export;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.TestDatabase;

/** Exports on a server. */
class PostgresqlExportStoreTest extends ExportStoreContract {
    private static final Database DATABASE = TestDatabase.postgresql();

    @Override
    Database database() {
        DATABASE.inTransaction(connection -> new Sql("TRUNCATE export, export_job, export_part, export_account,"
                        + " export_flow, export_duration, export_writing, first_answer")
                .update(connection));
        return DATABASE;
    }
}
