package io.sluice.export;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.TestDatabase;
import org.junit.jupiter.api.Nested;

/** The stores of exports on a server, in one database for all of their contracts. */
class PostgresqlExportStoreTest {
    private static final Database DATABASE = TestDatabase.postgresql();

    private static Database emptied() {
        DATABASE.inTransaction(connection -> new Sql("TRUNCATE export, export_job, export_part, export_account,"
                        + " export_flow, export_duration, export_writing, first_answer")
                .update(connection));
        return DATABASE;
    }

    @Nested
    class Leases extends ExportLeasesContract {
        @Override
        Database database() {
            return emptied();
        }
    }

    @Nested
    class Slots extends ExportSlotsContract {
        @Override
        Database database() {
            return emptied();
        }
    }

    @Nested
    class Twins extends ExportTwinsContract {
        @Override
        Database database() {
            return emptied();
        }
    }

    @Nested
    class Keys extends ExportKeysContract {
        @Override
        Database database() {
            return emptied();
        }
    }

    @Nested
    class States extends ExportStatesContract {
        @Override
        Database database() {
            return emptied();
        }
    }
}
