package io.sluice.export;

import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The stores of exports in a file. */
@SuppressWarnings("NullAway.Init") // injected
class SqliteExportStoreTest {
    @TempDir
    Path directory;

    private Database created() {
        return TestDatabase.sqlite(directory.resolve("exports.db"));
    }

    @Nested
    class Leases extends ExportLeasesContract {
        @Override
        Database database() {
            return created();
        }
    }

    @Nested
    class Slots extends ExportSlotsContract {
        @Override
        Database database() {
            return created();
        }
    }

    @Nested
    class Twins extends ExportTwinsContract {
        @Override
        Database database() {
            return created();
        }
    }

    @Nested
    class Keys extends ExportKeysContract {
        @Override
        Database database() {
            return created();
        }
    }

    @Nested
    class States extends ExportStatesContract {
        @Override
        Database database() {
            return created();
        }
    }
}
