package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.Ulids;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Timer;
import io.sluice.call.Account;
import io.sluice.call.Body;
import io.sluice.call.Credential;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.store.Database;
import io.sluice.team.Team;
import io.sluice.vendor.ErrorShape;
import io.sluice.vendor.Surface;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.Response;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Processes that share a store or not, and calls on them that may be repeated. */
abstract class IdempotencyCalls {
    static final Operation SEND = Operation.nonRepeatableWrite("send-email", "email");
    static final Operation TRACK = Operation.write("track", "track");
    static final Map<String, String> AGAIN = Map.of("X-Retry-Count", "1");
    static final Map<String, String> KEY = Map.of("Idempotency-Key", "k");

    /** How many calls were made. */
    final AtomicInteger made = new AtomicInteger();

    private final AtomicInteger calls = new AtomicInteger();
    private int processes;

    volatile Instant now = Instant.EPOCH.plusSeconds(1_000);

    /** Runs at each look into the store. */
    volatile Runnable meanwhile = () -> {};

    IdempotencyFilter.Execution answering(int status, String body) {
        return () -> {
            made.incrementAndGet();
            return Response.status(status).entity(body).build();
        };
    }

    IdempotencyFilter process(Database database) {
        Timer timer = (task, delay) -> {
            assertThat(delay).isEqualTo(Duration.ofMillis(10));
            meanwhile.run();
            task.run();
            return () -> {};
        };
        SplittableRandom random = new SplittableRandom(processes++);
        return new IdempotencyFilter(
                new IdempotencyStore(database),
                Configured.bodies(512, 1024),
                () -> now,
                () -> Duration.between(Instant.EPOCH, now).toNanos(),
                timer,
                new Ulids(() -> now, random));
    }

    IdempotencyFilter.IncomingCall incoming(
            String body, Map<String, String> headers, CompletableFuture<Void> disconnected) {
        return incoming(SEND, new Body.Buffered(body.getBytes(StandardCharsets.UTF_8)), headers, disconnected);
    }

    IdempotencyFilter.IncomingCall incoming(String body, Map<String, String> headers) {
        return incoming(SEND, new Body.Buffered(body.getBytes(StandardCharsets.UTF_8)), headers);
    }

    IdempotencyFilter.IncomingCall incoming(Operation operation, Body body, Map<String, String> headers) {
        return incoming(operation, body, headers, new CompletableFuture<>());
    }

    IdempotencyFilter.IncomingCall incoming(
            Operation operation, Body body, Map<String, String> headers, CompletableFuture<Void> disconnected) {
        Map<String, String> all = new HashMap<>(headers);
        Surface surface = new Surface(
                "some",
                "some",
                Map.of("default", new Account("some", "default", URI.create("http://v"), Credential.bearer("s"))),
                List.of(),
                (made, status, said) -> LimitFeedback.NONE,
                (refusal, target) -> new ErrorShape.Body("text/plain", refusal.message()));
        HttpServerRequest request = (HttpServerRequest) Proxy.newProxyInstance(
                IdempotencyCalls.class.getClassLoader(),
                new Class<?>[] {HttpServerRequest.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getHeader" -> all.get(arguments[0].toString());
                    case "method" -> HttpMethod.POST;
                    default -> throw new AssertionError(method);
                });
        return new IdempotencyFilter.IncomingCall(
                new MountMatch(surface, "default", "/some", Target.parse("/v1/send/email")),
                operation,
                new Team("red", 1, List.of(), false, 10, true),
                request,
                disconnected,
                body,
                "req_" + calls.incrementAndGet());
    }
}
