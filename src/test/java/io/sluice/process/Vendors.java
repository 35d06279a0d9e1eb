package io.sluice.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.sandbox.SandboxServer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The stand-in vendors, which live on in the process of the tests while the Sluice that calls them is killed. */
final class Vendors implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "dev-key";
    /** Of the key {@code dev-key}. */
    private static final String KEY_HASH = "7e9f8fd111802be56c379d597842e29b2cebd35ff2133d431a49fa556a18704e";
    /** Of the key {@code bulk-key}. */
    private static final String OTHER_KEY_HASH = "ba9c1384b9ae38c412d49bf3221f923229dcce2b08ef7a6357585ab9da9741b3";

    private final SandboxServer sandbox;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Vendors(SandboxServer sandbox) {
        this.sandbox = sandbox;
    }

    /** Starts them, with quick exports and a rate that does not slow a test down. */
    static Vendors start() {
        return new Vendors(SandboxServer.onRealTime(
                "clari.scheduled-for", "100ms",
                "clari.started-for", "300ms",
                "limits.clari.api.permits", "200"));
    }

    /** What a Sluice of its own process needs to call them, with two teams, and exports that lose no time. */
    List<String> settings() {
        List<String> settings = new ArrayList<>();
        settings.add("-Dsluice.teams.dev.key-hash=" + KEY_HASH);
        settings.add("-Dsluice.teams.bulk.key-hash=" + OTHER_KEY_HASH);
        settings.add("-Dsluice.clari.accounts.default.url=" + sandbox.uri("/sandbox/clari"));
        settings.add("-Dsluice.clari.accounts.default.api-key=sandbox-clari-key");
        settings.add("-Dsluice.clari.accounts.default.limits.api.permits=100");
        settings.add("-Dsluice.clerk.accounts.default.url=" + sandbox.uri("/sandbox/clerk"));
        settings.add("-Dsluice.clerk.accounts.default.secret-key=sk_test_sandbox");
        settings.add("-Dsluice.exports.first-poll=200ms");
        settings.add("-Dsluice.exports.max-poll=1s");
        settings.add("-Dsluice.exports.lease=4s");
        settings.add("-Dsluice.exports.reconcile-delay=1s");
        settings.add("-Dsluice.exports.slot-poll=1s");
        settings.add("-Dsluice.exports.slot-poll-when-full=1s");
        settings.add("-Dsluice.exports.fresh-for=6h");
        return settings;
    }

    /** The key of a team of {@link #settings}. */
    static String key(String team) {
        return team.equals("dev") ? KEY : team + "-key";
    }

    /** Has the stand-ins misbehave from now on. */
    void fault(String fault) throws IOException, InterruptedException {
        send(
                201,
                HttpRequest.newBuilder(sandbox.uri("/sandbox/faults"))
                        .POST(HttpRequest.BodyPublishers.ofString(fault)));
    }

    /** Has them behave again. */
    void noFaults() throws IOException, InterruptedException {
        send(204, HttpRequest.newBuilder(sandbox.uri("/sandbox/faults")).DELETE());
    }

    /** Changes settings of the stand-in for Clari. */
    void clari(String settings) throws IOException, InterruptedException {
        send(
                200,
                HttpRequest.newBuilder(sandbox.uri("/sandbox/settings/clari"))
                        .PUT(HttpRequest.BodyPublishers.ofString(settings)));
    }

    /** Orders an export at Clari, as somebody who knows no Sluice. */
    void order(String forecast, String period) throws IOException, InterruptedException {
        send(
                200,
                HttpRequest.newBuilder(sandbox.uri("/sandbox/clari/v4/export/forecast/" + forecast))
                        .header("apikey", "sandbox-clari-key")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"timePeriod\":\"" + period + "\"}")));
    }

    /** For each forecast and period, the jobs that were created. */
    List<JsonNode> jobs() throws IOException, InterruptedException {
        List<JsonNode> parts = new ArrayList<>();
        JSON.readTree(send(200, HttpRequest.newBuilder(sandbox.uri("/sandbox/report/clari/jobs"))))
                .path("parts")
                .forEach(parts::add);
        return parts;
    }

    /** What the stand-in for Clari has counted. */
    JsonNode report() throws IOException, InterruptedException {
        return JSON.readTree(send(200, HttpRequest.newBuilder(sandbox.uri("/sandbox/report/clari"))));
    }

    private String send(int expected, HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != expected) {
            throw new AssertionError("the sandbox answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    @Override
    public void close() {
        client.close();
        sandbox.close();
    }
}
