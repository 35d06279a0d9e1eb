package io.sluice.delivery;

import io.sluice.store.Database;
import io.sluice.store.TestDatabase;

class PostgresqlQueueTest extends QueueContract {
    @Override
    Database database() {
        return TestDatabase.postgresql();
    }
}
