package io.sluice.gateway;

import io.sluice.budget.Priority;
import io.sluice.budget.Ticker;
import io.sluice.cache.BufferedResponse;
import io.sluice.cache.CacheConfig;
import io.sluice.call.Body;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.Target;
import io.sluice.call.VendorResponse;
import io.sluice.reconcile.OutcomeResolver;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The resolution of writes with unknown outcomes: looks up at the vendor, as far as possible, if they were executed.
 */
@ApplicationScoped
public class OutcomeResolution {
    private static final Logger LOG = Logger.getLogger(OutcomeResolution.class);

    private final VendorExchange exchange;
    private final GatewayConfig config;
    private final CacheConfig sizes;
    private final Ticker ticker;

    OutcomeResolution(VendorExchange exchange, GatewayConfig config, CacheConfig sizes, Ticker ticker) {
        this.exchange = exchange;
        this.config = config;
        this.sizes = sizes;
        this.ticker = ticker;
    }

    /**
     * Prepares the resolver of this one write. Waits, but for a permit only as long as is configured, and no longer
     * than the write itself: the write can be made without.
     */
    OutcomeResolver prepare(Call write, OutcomeResolver resolver) throws InterruptedException {
        long deadline = Math.min(
                write.deadline(),
                ticker.read() + config.permitWait().beforeBroadcast().toNanos());
        try {
            return resolver.prepare(write, (operation, target, api) -> read(write, operation, target, api, deadline));
        } catch (CallAbandonedException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.errorf(e, "could not prepare outcome resolution: request=%s", write.id());
            return resolver;
        }
    }

    /** Reports to the resolver that the write was abandoned, if it was never sent. */
    void abandoned(Call write, OutcomeResolver resolver) {
        if (write.attempts() > 0) {
            return;
        }
        try {
            resolver.abandoned(write);
        } catch (RuntimeException e) {
            LOG.errorf(e, "could not record that the call was not sent: request=%s", write.id());
        }
    }

    /** Returns the result, or the response that the lookup found in its place. Waits. */
    Result resolve(Call write, Result result, Instant began, OutcomeResolver resolver) throws InterruptedException {
        Optional<BufferedResponse> found;
        try {
            found = resolver.resolve(write, result, began, (operation, target, api) -> {
                // The write may have used up its caller's maximal wait.
                long deadline = ticker.read() + config.permitWait().byDefault().toNanos();
                return read(write, operation, target, api, deadline);
            });
        } catch (RuntimeException e) {
            // The response must report that the write may have been executed.
            LOG.errorf(e, "could not resolve outcome: request=%s", write.id());
            return result;
        }
        if (found.isEmpty()) {
            return result;
        }
        if (result instanceof Result.Answered(VendorResponse useless, boolean _)) {
            close(useless, write);
        }
        return found.get().result();
    }

    private Optional<BufferedResponse> read(
            Call write, Operation operation, Target target, Function<Call, Response> api, long deadline)
            throws InterruptedException {
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        write.headers().forEach((name, values) -> {
            if (!name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)) {
                headers.put(name, List.copyOf(values));
            }
        });
        Call call = new Call.Builder(
                        write.account(),
                        operation,
                        write.dialect(),
                        "GET",
                        target,
                        Map.of(),
                        headers,
                        new Body.None(),
                        write.teamShare(),
                        Priority.INTERACTIVE,
                        deadline)
                .named(write.id() + "-outcome");
        return exchange.send(call, api) instanceof Result.Answered(VendorResponse answer, boolean _)
                ? buffered(answer.streamingFor(call))
                : Optional.empty();
    }

    private Optional<BufferedResponse> buffered(VendorResponse answer) {
        int most = Math.toIntExact(sizes.maxBody().asLongValue());
        try (InputStream body = answer.body()) {
            byte[] bytes = body.readNBytes(most);
            return body.read() < 0
                    ? Optional.of(new BufferedResponse(answer.status(), answer.headers(), bytes))
                    : Optional.empty();
        } catch (IOException brokenOff) {
            // The outcome stays unknown.
            return Optional.empty();
        }
    }

    private static void close(VendorResponse answer, Call call) {
        try {
            answer.streamingFor(call).body().close();
        } catch (IOException alreadyGone) {
            // It was about to be closed.
            return;
        }
    }
}
