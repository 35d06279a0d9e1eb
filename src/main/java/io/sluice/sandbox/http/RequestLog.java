package io.sluice.sandbox.http;

import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A log of the last requests to each vendor, without credentials. Thread-safe. */
public final class RequestLog {
    private static final Set<String> SECRET =
            Set.of("authorization", "apikey", "partnerkey", "x-api-key", "cookie", "proxy-authorization");

    private final SandboxClock clock;
    private final int kept;
    private final Map<String, Deque<Entry>> entries = new HashMap<>(); // guarded by this

    /** @param kept how many requests of one vendor are kept */
    public RequestLog(SandboxClock clock, int kept) {
        this.clock = clock;
        this.kept = kept;
    }

    Entry arrived(String vendor, String operation, HttpServerRequest request) {
        JsonArray headers = new JsonArray();
        request.headers().forEach((name, value) -> headers.add(Json.array(name, shown(name, value))));
        Entry entry = new Entry(Json.of(
                "at",
                clock.instant().toString(),
                "vendor",
                vendor,
                "operation",
                operation,
                "method",
                request.method().name(),
                "target",
                request.uri(),
                "headers",
                headers));
        synchronized (this) {
            Deque<Entry> ring = entries.computeIfAbsent(vendor, absent -> new ArrayDeque<>());
            if (ring.size() == kept) {
                ring.removeFirst();
            }
            ring.addLast(entry);
        }
        return entry;
    }

    /** A credential keeps its scheme only. */
    private static String shown(String name, String value) {
        if (!SECRET.contains(name.toLowerCase(Locale.ROOT))) {
            return value;
        }
        int space = value.indexOf(' ');
        return space < 0 ? "[redacted]" : value.substring(0, space) + " [redacted]";
    }

    /** The requests of a vendor, oldest first. */
    public synchronized JsonArray json(String vendor) {
        return entries.getOrDefault(vendor, new ArrayDeque<>()).stream()
                .map(Entry::json)
                .collect(Json.toArray());
    }

    public synchronized void clear() {
        entries.clear();
    }

    /** One request; its outcome is added when it ends. Thread-safe. */
    static final class Entry {
        private final JsonObject json; // guarded by this

        private Entry(JsonObject json) {
            this.json = json.put("body_bytes", 0).put("outcome", "running");
        }

        synchronized void read(long bytes) {
            json.put("body_bytes", bytes);
        }

        synchronized void ended(String outcome) {
            json.put("outcome", outcome);
        }

        private synchronized JsonObject json() {
            return json.copy();
        }
    }
}
