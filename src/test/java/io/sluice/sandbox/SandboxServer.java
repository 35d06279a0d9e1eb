package io.sluice.sandbox;

import io.sluice.sandbox.customerio.CustomerioSurface;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.limits.SandboxClock;
import io.sluice.simulation.VirtualTime;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The whole sandbox on a random port, with a clock that the test moves, or on the real time for processes to call. */
public final class SandboxServer implements AutoCloseable {
    static final String CLERK = "Authorization: Bearer sk_test_sandbox";
    static final String CLARI = "apikey: sandbox-clari-key";
    static final String FATHOM = "X-Api-Key: sandbox-fathom-key";
    static final String APP = "Authorization: Bearer sandbox-app-key";
    static final String TRACK = "Authorization: " + CustomerioSurface.basic("sandbox-site", "sandbox-track-key");
    static final String PIPELINES = "Authorization: " + CustomerioSurface.basic("sandbox-pipelines-key", "");

    /** What the clock shows when a test begins: the ticks of virtual time are the nanoseconds since the epoch here. */
    private static final Duration SINCE_EPOCH = Duration.ofSeconds(1_790_000_000);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpServer server;
    private final VirtualTime time;

    /** @param time what the test moves; of no effect where the clock reads the real time */
    private SandboxServer(Map<String, String> changes, VirtualTime time, SandboxClock clock, RandomGenerator random) {
        this.time = time;
        Router router = Router.router(vertx);
        new Sandbox(config(changes), clock, random).mount(router);
        server = await(vertx.createHttpServer().requestHandler(router).listen(0));
    }

    /** Starts a sandbox whose configuration differs from the defaults by {@code keysAndValues}, given in turn. */
    static SandboxServer start(String... keysAndValues) {
        VirtualTime time = new VirtualTime();
        time.pass(SINCE_EPOCH);
        return new SandboxServer(changes(keysAndValues), time, new SandboxClock(time::read), new Random(42));
    }

    /** The same on the real time and with other faults each time, as a process of its own has it. */
    public static SandboxServer onRealTime(String... keysAndValues) {
        return new SandboxServer(changes(keysAndValues), new VirtualTime(), SandboxClock.system(), new Random());
    }

    private static Map<String, String> changes(String... keysAndValues) {
        Map<String, String> changes = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            changes.put("sluice.sandbox." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return changes;
    }

    static SandboxConfig config(Map<String, String> changes) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(SandboxConfig.class)
                .withDefaultValues(changes)
                .build()
                .getConfigMapping(SandboxConfig.class);
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    void advance(Duration duration) {
        time.pass(duration);
    }

    int port() {
        return server.actualPort();
    }

    /** The address of {@code target}, a path with its query. */
    public URI uri(String target) {
        return URI.create("http://localhost:" + port() + target);
    }

    /** Sends a request; {@code headers} are written as {@code Name: value}. */
    Reply send(String method, String target, @Nullable Object body, String... headers) {
        try {
            HttpResponse<String> response =
                    client.send(request(method, target, body, headers), HttpResponse.BodyHandlers.ofString());
            return new Reply(response);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    HttpRequest request(String method, String target, @Nullable Object body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(target))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(
                                        body instanceof String text ? text : Json.encode(body)));
        for (String header : headers) {
            int colon = header.indexOf(": ");
            request.header(header.substring(0, colon), header.substring(colon + 2));
        }
        return request.build();
    }

    Reply get(String target, String... headers) {
        return send("GET", target, null, headers);
    }

    Reply post(String target, Object body, String... headers) {
        return send("POST", target, body, headers);
    }

    JsonObject limit(String vendor, String limit) {
        return get("/sandbox/report/" + vendor).json().getJsonObject("limits").getJsonObject(limit);
    }

    JsonObject state(String vendor) {
        return get("/sandbox/report/" + vendor).json().getJsonObject("state");
    }

    HttpClient client() {
        return client;
    }

    @Override
    public void close() {
        client.shutdownNow();
        await(vertx.close());
    }

    /** An answer, read whole. */
    record Reply(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        @Nullable
        String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }

        String text() {
            return response.body();
        }

        JsonObject json() {
            return new JsonObject(response.body());
        }

        JsonArray array() {
            return new JsonArray(response.body());
        }
    }
}
