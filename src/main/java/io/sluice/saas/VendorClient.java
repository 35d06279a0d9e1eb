package io.sluice.saas;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.Ulids;
import io.sluice.budget.Priority;
import io.sluice.budget.Ticker;
import io.sluice.call.Body;
import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.Sender;
import io.sluice.call.Target;
import io.sluice.call.TeamShares;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.CallAbandonedException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The client for calls that Sluice makes for its own work, such as exports and deliveries, on behalf of a team. */
@ApplicationScoped
public class VendorClient {
    private final Sender sender;
    private final TeamShares flows;
    private final Ticker ticker;
    private final Ulids ids;

    VendorClient(Sender sender, TeamShares flows, Ticker ticker, Ulids ids) {
        this.sender = sender;
        this.flows = flows;
        this.ticker = ticker;
        this.ids = ids;
    }

    /**
     * The context of a caller: the team, the account, and the conditions of its calls.
     *
     * @param account the account's name
     * @param maxWait how long to wait for permits
     * @param leaseValid true while the work is still the caller's; must not wait
     */
    public record CallerContext(
            String team,
            Surface surface,
            String account,
            Priority priority,
            Duration maxWait,
            BooleanSupplier leaseValid) {
        /** A context for work that is held by no lease. */
        public CallerContext(String team, Surface surface, String account, Priority priority, Duration maxWait) {
            this(team, surface, account, priority, maxWait, () -> true);
        }

        /** The same context, for work that is held by a lease: once the lease has ended, no attempt is sent. */
        public CallerContext whileLeased(BooleanSupplier lease) {
            return new CallerContext(team, surface, account, priority, maxWait, lease);
        }
    }

    /**
     * Makes a call through the surface's own route for it, and waits for the head of the response, whose body must be
     * read to its end or closed.
     *
     * @param target path and query
     * @throws CallAbandonedException if the work was no longer the caller's when an attempt was to be sent
     */
    public Result make(CallerContext caller, String method, String target) throws InterruptedException {
        return make(caller, method, target, new Body.None());
    }

    /** The same, with a body. */
    public Result make(CallerContext caller, String method, String target, JsonNode body) throws InterruptedException {
        return make(caller, method, target, buffered(body));
    }

    /**
     * Makes a read with at most one attempt, without retries.
     *
     * @throws CallAbandonedException if the vendor refused the attempt for its rate
     */
    public Result tryOnce(CallerContext caller, String target) throws InterruptedException {
        Target parsed = Target.parse(target);
        Route.Match match = caller.surface().match("GET", parsed);
        CallRequest request = request(caller, match.operation(), match, "GET", parsed, new Body.None());
        return sent(new Call(request, 1, caller.leaseValid()), match.api());
    }

    /** The same, with a body that is JSON already. */
    public Result make(CallerContext caller, String method, String target, byte[] json) throws InterruptedException {
        return make(caller, method, target, new Body.Buffered(json));
    }

    private Result make(CallerContext caller, String method, String target, Body body) throws InterruptedException {
        Target parsed = Target.parse(target);
        Route.Match match = caller.surface().match(method, parsed);
        return make(caller, match.operation(), match, method, parsed, body, match.api());
    }

    /** The same, but as another operation: one that counts against other limits, say, or is sent by another method. */
    public Result make(
            CallerContext caller,
            Operation operation,
            String method,
            String target,
            JsonNode body,
            Function<Call, Response> api)
            throws InterruptedException {
        Target parsed = Target.parse(target);
        return make(caller, operation, caller.surface().match(method, parsed), method, parsed, buffered(body), api);
    }

    private Result make(
            CallerContext caller,
            Operation operation,
            Route.Match match,
            String method,
            Target target,
            Body body,
            Function<Call, Response> api)
            throws InterruptedException {
        CallRequest request = request(caller, operation, match, method, target, body);
        return sent(new Call(request, Integer.MAX_VALUE, caller.leaseValid()), api);
    }

    private Result sent(Call call, Function<Call, Response> api) throws InterruptedException {
        Result result = sender.send(call, api);
        return result instanceof Result.Answered(VendorResponse answer, boolean unknown)
                ? new Result.Answered(answer.streamingFor(call), unknown)
                : result;
    }

    private CallRequest request(
            CallerContext caller, Operation operation, Route.Match match, String method, Target target, Body body) {
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.putSingle(HttpHeaders.ACCEPT, MediaType.WILDCARD);
        if (body instanceof Body.Buffered) {
            headers.putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON);
        }
        return new CallRequest(
                "own_" + ids.next(),
                caller.surface().account(caller.account()).orElseThrow(),
                operation,
                caller.surface().dialect(),
                method,
                target,
                match.variables(),
                headers,
                body,
                flows.of(caller.team()),
                caller.priority(),
                ticker.read() + caller.maxWait().toNanos(),
                caller.surface().path(match));
    }

    private static Body buffered(JsonNode json) {
        return new Body.Buffered(json.toString().getBytes(StandardCharsets.UTF_8));
    }
}
