package io.sluice.sandbox.fathom;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.ControlException;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fathom's state: downloads in preparation and webhooks. Guarded by the lock of its {@link Vendor}. */
final class FathomState implements Vendor.State {
    private static final Duration LINK = Duration.ofHours(24); // how long a download's link works

    private final SandboxClock clock;
    private final Settings settings;
    private final FathomMeetings meetings;
    private final int maxRecords;
    private final Map<String, Download> downloads = new LinkedHashMap<>();
    private final Map<String, JsonObject> webhooks = new LinkedHashMap<>();
    private long lastId;

    FathomState(SandboxClock clock, Settings settings, FathomMeetings meetings, int maxRecords) {
        this.clock = clock;
        this.settings = settings;
        this.meetings = meetings;
        this.maxRecords = maxRecords;
    }

    SandboxResponse download(Call call) {
        long recording = meetings.recording(call);
        StoreFullException.check("Fathom downloads", downloads.size(), maxRecords);
        String id = "dl_" + ++lastId;
        Download download = new Download(id, recording, clock.nanos());
        downloads.put(id, download);
        return SandboxResponse.json(202, json(download));
    }

    SandboxResponse readDownload(Call call) {
        Download download = downloads.get(call.parameter("download"));
        if (download == null || download.recording() != meetings.recording(call)) {
            return SandboxResponse.empty(404);
        }
        return SandboxResponse.json(200, json(download));
    }

    private JsonObject json(Download download) {
        long ready = download.startedAt()
                + Duration.ofMillis(settings.number("download_ms")).toNanos();
        long expires = ready + LINK.toNanos();
        JsonObject json = Json.of("download_id", download.id(), "recording_id", download.recording());
        if (clock.nanos() < ready) {
            return json.put("status", "processing");
        }
        if (clock.nanos() >= expires) {
            return json.put("status", "expired");
        }
        return json.put("status", "completed")
                .put(
                        "video",
                        Json.of(
                                "url",
                                "https://files.fathom.example/" + download.id() + ".mp4",
                                "content_type",
                                "video/mp4",
                                "file_size_bytes",
                                1 << 20,
                                "expires_at",
                                SandboxClock.at(expires).toString()));
    }

    SandboxResponse createWebhook(Call call) {
        JsonObject asked = call.json();
        if (asked.getString("destination_url") == null) {
            return SandboxResponse.empty(400);
        }
        StoreFullException.check("Fathom webhooks", webhooks.size(), maxRecords);
        String id = "wh_" + ++lastId;
        JsonObject webhook = Json.of(
                "id", id,
                "url", asked.getString("destination_url"),
                "secret", "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldA==",
                "created_at", clock.instant().toString(),
                "triggered_for", asked.getJsonArray("triggered_for"));
        for (String include : new String[] {"transcript", "summary", "action_items", "crm_matches"}) {
            webhook.put("include_" + include, asked.getBoolean("include_" + include, false));
        }
        webhooks.put(id, webhook);
        return SandboxResponse.json(200, webhook);
    }

    SandboxResponse deleteWebhook(Call call) {
        return SandboxResponse.empty(webhooks.remove(call.parameter("webhook")) == null ? 404 : 204);
    }

    @Override
    public JsonObject summary() {
        return Json.of(
                "meetings", settings.number("meetings"), "downloads", downloads.size(), "webhooks", webhooks.size());
    }

    @Override
    public JsonObject details(String part) {
        throw new ControlException(404, "fathom has no report " + part);
    }

    @Override
    public void reset() {
        downloads.clear();
        webhooks.clear();
    }

    private record Download(String id, long recording, long startedAt) {}
}
