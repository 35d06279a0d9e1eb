package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.RefusedException;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Exports of people and deliveries, and the signed links to their files. Guarded by its {@link Vendor}. */
final class CustomerioExports {
    private final SandboxClock clock;
    private final Settings settings;
    private final CustomerioPeople people;
    private final int maxRecords;
    private final Map<String, Export> exports = new LinkedHashMap<>();
    private long lastId;

    CustomerioExports(SandboxClock clock, Settings settings, CustomerioPeople people, int maxRecords) {
        this.clock = clock;
        this.settings = settings;
        this.people = people;
        this.maxRecords = maxRecords;
    }

    SandboxResponse create(String type, Call call) {
        JsonObject asked = call.json();
        StoreFullException.check("Customer.io exports", exports.size(), maxRecords);
        // Begins with the time, so that ids of an earlier process are not reused.
        lastId = Math.max(lastId + 1, clock.millis());
        String id = Long.toString(lastId);
        Export export = new Export(id, type, clock.millis(), asked);
        exports.put(id, export);
        return SandboxResponse.json(200, Json.of("export", json(export)));
    }

    SandboxResponse list(Call call) {
        return SandboxResponse.json(
                200,
                Json.of("exports", exports.values().stream().map(this::json).collect(Json.toArray())));
    }

    SandboxResponse read(Call call) {
        return SandboxResponse.json(200, Json.of("export", json(export(call))));
    }

    SandboxResponse link(Call call, String files) {
        Export export = export(call);
        if (!done(export)) {
            return CustomerioApp.error(404, "the export is not done");
        }
        export.downloads++;
        long expires = clock.seconds() + TimeUnit.MILLISECONDS.toSeconds(settings.number("link_ms"));
        return SandboxResponse.json(
                200,
                Json.of(
                        "url",
                        "%s/%s.csv?expires=%d&signature=%s"
                                .formatted(files, export.id, expires, signature(export.id, expires))));
    }

    /** No secret: it only ensures that a link arrives as it was given. */
    private static String signature(String id, long expires) {
        return "%08x".formatted((id + ":" + expires).hashCode());
    }

    SandboxResponse file(Call call) {
        String name = call.parameter("file");
        String id = name.endsWith(".csv") ? name.substring(0, name.length() - ".csv".length()) : name;
        long expires = call.queryNumber("expires", 0);
        if (!signature(id, expires).equals(call.query("signature")) || clock.seconds() >= expires) {
            return SandboxResponse.of(
                    403, "application/xml", Buffer.buffer("<Error><Code>AccessDenied</Code></Error>"));
        }
        StringBuilder csv = new StringBuilder("cio_id,id,email\n");
        for (CustomerioPerson person : people.all()) {
            csv.append(person.cioId())
                    .append(',')
                    .append(text(person.id()))
                    .append(',')
                    .append(text(person.email()))
                    .append('\n');
        }
        return SandboxResponse.of(200, "text/csv", Buffer.buffer(csv.toString()));
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private Export export(Call call) {
        Export export = exports.get(call.parameter("export"));
        if (export == null) {
            throw new RefusedException(CustomerioApp.error(404, "no export " + call.parameter("export")));
        }
        return export;
    }

    private boolean done(Export export) {
        return clock.millis() >= export.createdAt + settings.number("export_ms");
    }

    private JsonObject json(Export export) {
        boolean done = done(export);
        return Json.of(
                "id",
                Long.parseLong(export.id),
                "type",
                export.type,
                "status",
                done ? "done" : "pending",
                "failed",
                false,
                "total",
                done ? people.all().size() : 0,
                "downloads",
                export.downloads,
                "created_at",
                export.createdAt / 1000,
                "updated_at",
                (done ? export.createdAt + settings.number("export_ms") : export.createdAt) / 1000);
    }

    JsonObject summary() {
        return Json.of("exports", exports.size());
    }

    JsonObject details() {
        return Json.of(
                "exports",
                exports.values().stream()
                        .map(export -> json(export).put("body", export.asked))
                        .collect(Json.toArray()));
    }

    void reset() {
        exports.clear();
    }

    private static final class Export {
        private final String id;
        private final String type;
        private final long createdAt;
        private final JsonObject asked;
        private long downloads;

        Export(String id, String type, long createdAt, JsonObject asked) {
            this.id = id;
            this.type = type;
            this.createdAt = createdAt;
            this.asked = asked;
        }
    }
}
