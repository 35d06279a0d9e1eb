package io.sluice.export.files;

import io.sluice.store.Database;
import io.sluice.store.StoreConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * The producer of the storage of result files: a folder beside the database file, or the database that processes share.
 */
@Singleton
public class ResultFilesProducer {
    @Produces
    @Singleton
    ResultFiles files(Database database, StoreConfig config) {
        return database.dialect().sharedByProcesses()
                ? new DatabaseFiles(database)
                : new FolderFiles(config.dataDir().resolve("exports"));
    }
}
