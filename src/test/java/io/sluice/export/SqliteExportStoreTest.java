package io.sluice.export;

import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Exports in a file. */
@SuppressWarnings("NullAway.Init") // injected
class SqliteExportStoreTest extends ExportStoreContract {
    @TempDir
    Path directory;

    @Override
    Database database() {
        return TestDatabase.sqlite(directory.resolve("exports.db"));
    }
}
