package io.sluice.delivery;

import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteQueueTest extends QueueContract {
    @TempDir
    Path directory;

    @Override
    Database database() {
        return TestDatabase.sqlite(directory.resolve("db"));
    }
}
