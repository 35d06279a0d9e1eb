package io.sluice.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** In a file. */
@SuppressWarnings("NullAway.Init") // injected
class SqliteRetentionTest extends RetentionContract {
    @TempDir
    Path directory;

    @Override
    Database database() {
        return TestDatabase.sqlite(directory.resolve("db"));
    }
}
