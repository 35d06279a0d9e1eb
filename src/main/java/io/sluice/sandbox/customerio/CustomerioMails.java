package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Transactional messages: every call sends one, a repeated call sends it again. Guarded by its {@link Vendor}. */
final class CustomerioMails {
    private static final int MOST_RECIPIENTS = 15;

    private final SandboxClock clock;
    private final int maxRecords;
    private final List<JsonObject> sent = new ArrayList<>();

    CustomerioMails(SandboxClock clock, int maxRecords) {
        this.clock = clock;
        this.maxRecords = maxRecords;
    }

    SandboxResponse email(Call call) {
        JsonObject asked = call.json();
        String to = asked.getString("to");
        if (to == null || to.isBlank()) {
            return refused("to must be there");
        }
        if (to.split(",", -1).length > MOST_RECIPIENTS) {
            return refused("at most 15 recipients");
        }
        if (asked.getValue("transactional_message_id") == null
                && (asked.getString("body") == null
                        || asked.getString("subject") == null
                        || asked.getString("from") == null)) {
            return refused("transactional_message_id, or body, subject and from, must be there");
        }
        return send("email", asked);
    }

    SandboxResponse other(String kind, Call call) {
        JsonObject asked = call.json();
        return asked.getValue("transactional_message_id") == null
                ? refused("transactional_message_id must be there")
                : send(kind, asked);
    }

    private SandboxResponse send(String kind, JsonObject asked) {
        if (CustomerioPeople.Identifier.of(asked.getJsonObject("identifiers")) == null) {
            return refused("identifiers must hold exactly one of id, email, cio_id");
        }
        StoreFullException.check("Customer.io messages", sent.size(), maxRecords);
        String delivery = "dlv_sandbox_" + (sent.size() + 1);
        sent.add(Json.of(
                "delivery_id", delivery,
                "kind", kind,
                "to", asked.getValue("to"),
                "transactional_message_id", asked.getValue("transactional_message_id"),
                "subject", asked.getValue("subject"),
                "identifiers", asked.getValue("identifiers"),
                "message_data", asked.getValue("message_data"),
                "queued_at", clock.seconds()));
        return SandboxResponse.json(200, Json.of("delivery_id", delivery, "queued_at", clock.seconds()));
    }

    private static SandboxResponse refused(String message) {
        return SandboxResponse.json(400, Json.of("meta", Json.of("error", message)));
    }

    JsonObject summary() {
        return Json.of("mails", sent.size());
    }

    JsonObject details() {
        JsonArray json = new JsonArray();
        sent.forEach(json::add);
        return Json.of("mails", json);
    }

    void reset() {
        sent.clear();
    }
}
