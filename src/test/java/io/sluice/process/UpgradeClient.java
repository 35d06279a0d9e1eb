package io.sluice.process;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A client of one process with the calls that write the data of an upgrade, and those that read it again. Thread-safe. */
final class UpgradeClient implements AutoCloseable {
    /** Longer than a busy machine takes; nothing waits for it where all is well. */
    private static final Duration PATIENCE = Duration.ofMinutes(9);

    private final SluiceProcess sluice;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    UpgradeClient(SluiceProcess sluice) {
        this.sluice = sluice;
    }

    /** A call with the key of a team, and more headers, names and values in turns. */
    record Sent(String method, String target, String body, List<String> headers) {
        static Sent of(String method, String target, String body, String... headers) {
            return new Sent(method, target, body, List.of(headers));
        }

        Sent with(String name, String value) {
            List<String> more = new java.util.ArrayList<>(headers);
            more.add(name);
            more.add(value);
            return new Sent(method, target, body, more);
        }
    }

    HttpResponse<String> send(Sent sent) throws IOException, InterruptedException {
        return client.send(request(sent), BodyHandlers.ofString());
    }

    /** Sends a call without waiting for its response. */
    CompletableFuture<HttpResponse<String>> begin(Sent sent) {
        return client.sendAsync(request(sent), BodyHandlers.ofString());
    }

    private HttpRequest request(Sent sent) {
        HttpRequest.Builder request = HttpRequest.newBuilder(sluice.uri(sent.target()))
                .header("Authorization", "Bearer " + UpgradeScenario.KEY)
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .method(sent.method(), BodyPublishers.ofString(sent.body()));
        for (int i = 0; i < sent.headers().size(); i += 2) {
            request.header(sent.headers().get(i), sent.headers().get(i + 1));
        }
        return request.build();
    }

    /** The body of a response that must have this status. */
    String expect(int status, Sent sent) throws IOException, InterruptedException {
        HttpResponse<String> response = send(sent);
        if (response.statusCode() != status) {
            throw new AssertionError(sent + " should be " + status + ": " + response.statusCode() + " "
                    + response.body() + "\n" + sluice.log());
        }
        return response.body();
    }

    String get(String target) throws IOException, InterruptedException {
        return expect(200, Sent.of("GET", target, ""));
    }

    JsonObject export(String id) throws IOException, InterruptedException {
        return new JsonObject(get("/api/exports/" + id));
    }

    /** The delivery queue of an account at a destination; one without any message is not listed. */
    Optional<JsonObject> queue(String account, String channel) throws IOException, InterruptedException {
        return new JsonArray(get("/api/deliveries/queues"))
                .stream()
                        .map(JsonObject.class::cast)
                        .filter(queue -> queue.getString("account").equals(account)
                                && queue.getString("channel").equals(channel))
                        .findFirst();
    }

    JsonObject limit(String vendor, String name) throws IOException, InterruptedException {
        return new JsonObject(get("/api/limits/" + vendor + "/default"))
                .getJsonArray("limits").stream()
                        .map(JsonObject.class::cast)
                        .filter(limit -> limit.getString("limit").equals(name))
                        .findFirst()
                        .orElseThrow();
    }

    /** The stored webhook events of Customer.io, the oldest first. */
    List<JsonObject> webhookEvents() throws IOException, InterruptedException {
        return get("/api/customerio/webhook-events?after=0")
                .lines()
                .map(JsonObject::new)
                .toList();
    }

    /** Sends a webhook event as Customer.io does. */
    void webhook(String body) throws Exception {
        String timestamp = Long.toString(Instant.now().getEpochSecond());
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(UpgradeScenario.WEBHOOK_KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signature = mac.doFinal(("v0:" + timestamp + ":" + body).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(sluice.uri("/webhooks/customerio"))
                .header("X-CIO-Timestamp", timestamp)
                .header("X-CIO-Signature", HexFormat.of().formatHex(signature))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 204) {
            throw new AssertionError("a signed webhook was refused: " + response.statusCode() + " " + response.body());
        }
    }

    /** A condition at the process or at the vendor. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits until a condition holds. */
    void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(what + " did not happen: " + sluice.log());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
