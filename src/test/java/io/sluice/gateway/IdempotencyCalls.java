package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.TeamShare;
import io.sluice.budget.Ticker;
import io.sluice.budget.Timer;
import io.sluice.cache.CacheDirectives;
import io.sluice.call.Account;
import io.sluice.call.Body;
import io.sluice.call.CallBuilder;
import io.sluice.call.Credential;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.Target;
import io.sluice.call.VendorResponse;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.saas.ErrorShape;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.team.Team;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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

    final VirtualTime time = new VirtualTime();

    /** Runs at each look into the store. */
    volatile Runnable meanwhile = () -> {};

    /** The execution of a call. */
    @FunctionalInterface
    interface Execution {
        Response run() throws InterruptedException;
    }

    /** A process's filter, before a step that executes each call as the test says. */
    static final class SluiceProcess {
        private final Map<String, Execution> executions = new ConcurrentHashMap<>();
        private final IdempotencyFilter filter;
        private final ResponseForwarder responses;

        private SluiceProcess(IdempotencyRecords records, InstantSource clock, Ticker ticker, Timer timer) {
            filter = new IdempotencyFilter(this::execute, records, Configured.bodies(512, 1024), clock, ticker);
            responses = new ResponseForwarder(new PacedBudget(ticker, timer));
        }

        /** Handles a call, and renders the reply. */
        Response filter(MountCall incoming, Execution execution) throws InterruptedException {
            executions.put(incoming.request().id(), execution);
            Reply reply = filter.handle(incoming);
            return reply instanceof Reply.Served served
                            && served.result() instanceof Result.Answered(VendorResponse answer, boolean _)
                    ? Response.status(answer.status()).entity(text(answer)).build()
                    : responses.render(reply, incoming, UNUSED);
        }

        private Reply execute(MountCall call) throws InterruptedException {
            Response made =
                    Objects.requireNonNull(executions.get(call.request().id())).run();
            byte[] body = String.valueOf(made.getEntity()).getBytes(StandardCharsets.UTF_8);
            return VendorExchange.served(
                    call.call(),
                    new Result.Answered(
                            VendorResponse.of(
                                    made.getStatus(), new MultivaluedHashMap<>(), new ByteArrayInputStream(body)),
                            false));
        }

        private static String text(VendorResponse answer) {
            try {
                return new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final RoutingContext UNUSED = (RoutingContext) Proxy.newProxyInstance(
            IdempotencyCalls.class.getClassLoader(),
            new Class<?>[] {RoutingContext.class},
            (proxy, method, arguments) -> {
                throw new AssertionError(method);
            });

    Execution answering(int status, String body) {
        return () -> {
            made.incrementAndGet();
            return Response.status(status).entity(body).build();
        };
    }

    SluiceProcess process(Database database) {
        Timer timer = (task, delay) -> {
            assertThat(delay).isEqualTo(Duration.ofMillis(10));
            meanwhile.run();
            task.run();
            return () -> {};
        };
        SplittableRandom random = new SplittableRandom(processes++);
        IdempotencyRecords records = new IdempotencyRecords(
                new IdempotencyStore(database), Configured.bodies(512, 1024), time, timer, new Ulids(time, random));
        return new SluiceProcess(records, time, time, timer);
    }

    MountCall incoming(String body, Map<String, String> headers, CompletableFuture<Void> disconnected) {
        return incoming(SEND, new Body.Buffered(body.getBytes(StandardCharsets.UTF_8)), headers, disconnected);
    }

    MountCall incoming(String body, Map<String, String> headers) {
        return incoming(SEND, new Body.Buffered(body.getBytes(StandardCharsets.UTF_8)), headers);
    }

    MountCall incoming(Operation operation, Body body, Map<String, String> headers) {
        return incoming(operation, body, headers, new CompletableFuture<>());
    }

    MountCall incoming(
            Operation operation, Body body, Map<String, String> headers, CompletableFuture<Void> disconnected) {
        Account account = new Account(new AccountId("some", "default"), URI.create("http://v"), Credential.bearer("s"));
        Surface surface = new Surface(
                "some",
                "some",
                Map.of("default", account),
                List.of(Route.any(operation, _ -> {
                    throw new AssertionError("nothing is sent here");
                })),
                (made, status, said) -> LimitFeedback.NONE,
                (refusal, target) -> new ErrorShape.Body("text/plain", refusal.message()));
        Target target = Target.parse("/v1/send/email");
        return new MountCall(
                new MountMatch(surface, "default", "/some", target),
                surface.match("POST", target),
                new Team("red", 1, List.of(), false, 10, true),
                CallBuilder.of("POST", target)
                        .id("req_" + calls.incrementAndGet())
                        .account(account)
                        .operation(operation)
                        .dialect(surface.dialect())
                        .body(body)
                        .team(new TeamShare("red", 1, 10))
                        .request(),
                new MountCall.Preferences(
                        CacheDirectives.NONE,
                        headers.get("Idempotency-Key"),
                        headers.containsKey("X-Retry-Count"),
                        false),
                () -> disconnected);
    }
}
