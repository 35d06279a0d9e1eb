package io.sluice.sandbox.clari;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** Clari's ingest: a few records at once, or a file as a job. Guarded by the lock of its {@link Vendor}. */
final class ClariIngest {
    private static final int MOST_RECORDS = 100;
    private static final int MOST_FILE_BYTES = 10_000_000;

    private final SandboxClock clock;
    private final Settings settings;
    private final int maxRecords;
    private final Map<String, Long> jobs = new LinkedHashMap<>(); // id to when it is done
    private long lastId;
    private long records;

    ClariIngest(SandboxClock clock, Settings settings, int maxRecords) {
        this.clock = clock;
        this.settings = settings;
        this.maxRecords = maxRecords;
    }

    SandboxResponse records(Call call) {
        JsonArray given = call.jsonArray();
        if (given.isEmpty() || given.size() > MOST_RECORDS) {
            return ClariErrors.ingest(400, "from 1 to %d records per call: %d".formatted(MOST_RECORDS, given.size()));
        }
        records += given.size();
        return SandboxResponse.json(200, Json.of("message", "accepted"));
    }

    SandboxResponse file(Call call) {
        if (call.payload().bytes() > MOST_FILE_BYTES) {
            return ClariErrors.ingest(413, "a file must not be larger than 10 MB");
        }
        StoreFullException.check("Clari ingest jobs", jobs.size(), maxRecords);
        String id = "ingest-" + ++lastId;
        jobs.put(id, clock.millis() + settings.number("started_ms"));
        return SandboxResponse.json(202, Json.of("jobId", id));
    }

    SandboxResponse job(Call call) {
        String id = call.parameter("job");
        Long doneAt = jobs.get(id);
        if (doneAt == null) {
            return ClariErrors.ingest(404, "no job with the id " + id);
        }
        boolean done = clock.millis() >= doneAt;
        return SandboxResponse.json(
                done ? 200 : 202, Json.of("message", Json.of("jobId", id, "status", done ? "SUCCESS" : "IN_PROGRESS")));
    }

    JsonObject summary() {
        return Json.of("ingested_records", records, "ingest_jobs", jobs.size());
    }

    void reset() {
        jobs.clear();
        records = 0;
    }
}
