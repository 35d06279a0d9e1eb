package io.sluice.process;

import static io.sluice.gateway.StubVendor.answer;

import io.sluice.Sha256;
import io.sluice.gateway.StubVendor;
import io.sluice.process.UpgradeClient.Sent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The scenario of the upgrade test: what a process of an earlier version is asked to do before it ends, and what the vendors
 * answer then and after the upgrade. The calls are the contract of design, so that every version understands them.
 */
final class UpgradeScenario {
    /** The key of the team, which is an admin. */
    static final String KEY = "red-key";

    static final String WEBHOOK_KEY = "stub-signing-key";

    private static final String JSON = "Content-Type: application/json";
    private static final String CUSTOMERIO = "-Dsluice.customerio.accounts.";

    /** The people whose events wait, each with its own order. */
    static final List<String> PEOPLE = List.of("anna", "boris", "cleo", "dan");

    static final int EVENTS = 3;

    private UpgradeScenario() {}

    /** The settings that versions have in common. */
    static List<String> settings(StubVendor vendor) {
        String url = "http://localhost:" + vendor.port();
        List<String> settings = new ArrayList<>(List.of(
                "-Dsluice.teams.red.key-hash=" + Sha256.hex(KEY),
                "-Dsluice.teams.red.admin=true",
                "-Dsluice.clari.accounts.default.url=" + url + "/clari",
                "-Dsluice.clari.accounts.default.api-key=stub",
                "-Dsluice.clari.accounts.default.limits.api.permits=100",
                "-Dsluice.clerk.accounts.default.url=" + url + "/clerk",
                "-Dsluice.clerk.accounts.default.secret-key=sk_test_stub",
                "-Dsluice.fathom.accounts.default.url=" + url + "/fathom",
                "-Dsluice.fathom.accounts.default.api-key=stub",
                "-Dsluice.exports.first-poll=200ms",
                "-Dsluice.exports.max-poll=1s",
                "-Dsluice.exports.lease=4s",
                "-Dsluice.deliveries.lease=4s",
                "-Dsluice.deliveries.first-backoff=100ms",
                "-Dsluice.deliveries.max-backoff=1s"));
        for (String account : List.of("default", "held")) {
            String host = url + (account.equals("default") ? "/cio" : "/held");
            settings.addAll(List.of(
                    CUSTOMERIO + account + ".track-url=" + host,
                    CUSTOMERIO + account + ".app-url=" + host,
                    CUSTOMERIO + account + ".pipelines-url=" + host,
                    CUSTOMERIO + account + ".site-id=stub",
                    CUSTOMERIO + account + ".track-api-key=stub",
                    CUSTOMERIO + account + ".app-api-key=stub",
                    CUSTOMERIO + account + ".pipelines-key=stub",
                    CUSTOMERIO + account + ".webhook-key=" + WEBHOOK_KEY));
        }
        return settings;
    }

    static Sent invitation(String name) {
        return Sent.of("POST", "/clerk/v1/invitations", "{\"email_address\":\"" + name + "@example.com\"}")
                .with("Idempotency-Key", "invite-" + name);
    }

    static Sent organizationInvitation(String name) {
        return Sent.of(
                "POST",
                "/clerk/v1/organizations/org_1/invitations",
                "{\"email_address\":\"" + name + "@example.com\",\"role\":\"org:member\"}");
    }

    static Sent clariExport(String forecast, String... periods) {
        JsonObject export = new JsonObject()
                .put("vendor", "clari")
                .put("account", "default")
                .put("forecast", forecast)
                .put("periods", new JsonArray(List.of(periods)));
        return Sent.of("POST", "/api/exports", export.encode()).with("Idempotency-Key", "export-" + forecast);
    }

    static Sent customerioExport(String type, JsonObject options) {
        JsonObject export = new JsonObject()
                .put("vendor", "customerio")
                .put("account", "default")
                .put("type", type)
                .put("options", options);
        return Sent.of("POST", "/api/exports", export.encode());
    }

    /** An event for later. */
    static Sent event(String mount, String person, int number) {
        JsonObject event = new JsonObject()
                .put("name", "counted")
                .put("id", person + "-" + number)
                .put("data", new JsonObject().put("number", number));
        return later(Sent.of("POST", mount + "/api/v1/customers/" + person + "/events", event.encode()));
    }

    static Sent later(Sent sent) {
        return sent.with("Prefer", "respond-async");
    }

    /** What Clari says while a job runs, or none does. */
    static void clariLimits(StubVendor vendor, List<String> running) {
        JsonObject jobs = new JsonObject()
                .put("concurrentLimit", 1)
                .put("availableConcurrentLimit", 1 - running.size())
                .put("monthlyQuota", 1000)
                .put("availableMonthlyQuota", 990)
                .put("runningJobIds", new JsonArray(running))
                .put("submittedJobIds", new JsonArray());
        always(vendor, "GET", "/clari/v4/admin/limits", new JsonObject().put("jobs", jobs));
    }

    /** Clari accepts an export of that forecast as that job. */
    static void clariAccepts(StubVendor vendor, String forecast, String job) {
        always(vendor, "POST", "/clari/v4/export/forecast/" + forecast, new JsonObject().put("jobId", job));
    }

    static void clariRuns(StubVendor vendor, String job) {
        always(
                vendor,
                "GET",
                "/clari/v4/export/jobs/" + job,
                new JsonObject().put("jobId", job).put("status", "STARTED"));
    }

    static void clariFinishes(StubVendor vendor, String job, String period) {
        always(
                vendor,
                "GET",
                "/clari/v4/export/jobs/" + job,
                new JsonObject().put("jobId", job).put("status", "DONE").put("fileName", job + ".json"));
        vendor.always("GET", "/clari/v4/export/jobs/" + job + "/results", answer(200, file(job, period), JSON));
    }

    /** The file of a job at Clari. */
    static String file(String job, String period) {
        return new JsonObject()
                .put(
                        "entries",
                        new JsonArray().add(new JsonObject().put("fieldId", job).put("timePeriodId", period)))
                .encode();
    }

    /** Customer.io's view of an export. */
    static JsonObject customerioExport(String id, String type, String status, long createdAt) {
        return new JsonObject()
                .put("id", id)
                .put("type", type)
                .put("status", status)
                .put("created_at", createdAt)
                .put("updated_at", createdAt + 1);
    }

    static void customerioExports(StubVendor vendor, JsonObject... exports) {
        always(vendor, "GET", "/cio/v1/exports", new JsonObject().put("exports", new JsonArray(List.of(exports))));
        for (JsonObject export : exports) {
            String target = "/cio/v1/exports/" + export.getString("id");
            always(vendor, "GET", target, new JsonObject().put("export", export));
            String file = "/cio/files/" + export.getString("id") + ".csv";
            always(
                    vendor,
                    "GET",
                    target + "/download",
                    new JsonObject().put("url", "http://localhost:" + vendor.port() + file));
            vendor.always("GET", file, answer(200, export.getString("id") + "\n", "Content-Type: text/csv"));
        }
    }

    static void always(StubVendor vendor, String method, String target, JsonObject body) {
        vendor.always(method, target, answer(200, body.encode(), JSON));
    }

    static void fails(StubVendor vendor, String method, String target, int status, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add(JSON);
        vendor.always(method, target, answer(status, body, all.toArray(String[]::new)));
    }

    /** The vendor does not answer before the latch opens. */
    static void hangs(StubVendor vendor, String method, String target, CountDownLatch until) {
        vendor.always(method, target, answer(200, "{}", JSON).heldBy(until));
    }
}
