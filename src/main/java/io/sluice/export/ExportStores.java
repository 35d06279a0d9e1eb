package io.sluice.export;

import io.sluice.export.files.FileRegistry;
import io.sluice.export.slots.SlotStore;
import io.sluice.store.Database;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * The stores of exports in one database: jobs, the slots that they take, their files, and how long they take.
 */
record ExportStores(JobStore jobs, SlotStore slots, FileRegistry files, DurationStore durations) {
    static ExportStores of(Database database) {
        SlotStore slots = new SlotStore(database);
        return new ExportStores(
                new JobStore(database, slots), slots, new FileRegistry(database), new DurationStore(database));
    }

    /** The producer of the stores. */
    @Singleton
    static class Producer {
        @Produces
        @Singleton
        ExportStores stores(Database database) {
            return of(database);
        }
    }
}
