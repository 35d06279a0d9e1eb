package io.sluice.export;

import io.sluice.store.Database;
import io.sluice.store.TestDatabase;

/** Files in PostgreSQL. */
class DatabaseFilesTest extends ResultFilesContract {
    private static final Database DATABASE = TestDatabase.postgresql();

    @Override
    ResultFiles files() {
        DATABASE.inTransaction(connection -> new Sql("TRUNCATE export_file_piece").update(connection));
        return new DatabaseFiles(DATABASE);
    }

    @Override
    long leftBehind() {
        return DATABASE.inTransaction(connection -> new Sql("SELECT count(*) AS pieces FROM export_file_piece")
                .first(connection, row -> row.getLong("pieces"))
                .orElseThrow());
    }
}
