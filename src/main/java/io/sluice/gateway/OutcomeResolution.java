package io.sluice.gateway;

import io.sluice.budget.Priority;
import io.sluice.budget.Ticker;
import io.sluice.cache.CacheConfig;
import io.sluice.call.Body;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.Sender;
import io.sluice.call.Target;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.reconcile.OutcomeResolver;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The step that resolves writes with unknown outcomes: looks up at the vendor, as far as possible, if they were
 * executed.
 */
final class OutcomeResolution implements CallHandler<Reply.Served> {
    private static final Logger LOG = Logger.getLogger(OutcomeResolution.class);

    private final CallHandler<Reply.Served> next;
    private final Sender lookups;
    private final GatewayConfig config;
    private final CacheConfig sizes;
    private final Ticker ticker;
    private final InstantSource clock;

    /** @param lookups makes the reads of the vendor's state */
    OutcomeResolution(
            CallHandler<Reply.Served> next,
            Sender lookups,
            GatewayConfig config,
            CacheConfig sizes,
            Ticker ticker,
            InstantSource clock) {
        this.next = next;
        this.lookups = lookups;
        this.config = config;
        this.sizes = sizes;
        this.ticker = ticker;
        this.clock = clock;
    }

    @Override
    public Reply.Served handle(MountCall call) throws InterruptedException {
        OutcomeResolver matched = call.match().outcomeResolver();
        if (matched == null) {
            return next.handle(call);
        }
        Call write = call.call();
        OutcomeResolver resolver = prepare(write, matched);
        Instant began = clock.instant();
        Reply.Served served;
        try {
            served = next.handle(call);
        } catch (CallAbandonedException e) {
            abandoned(write, resolver);
            throw e;
        }
        return served.with(resolve(write, served.result(), began, resolver));
    }

    /**
     * Prepares the resolver of this one write. Waits, but for a permit only as long as is configured, and no longer
     * than the write itself: the write can be made without.
     */
    private OutcomeResolver prepare(Call write, OutcomeResolver resolver) throws InterruptedException {
        long deadline = Math.min(
                write.request().deadline(),
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
    private void abandoned(Call write, OutcomeResolver resolver) {
        if (write.attempts().count() > 0) {
            return;
        }
        try {
            resolver.abandoned(write);
        } catch (RuntimeException e) {
            LOG.errorf(e, "could not record that the call was not sent: request=%s", write.id());
        }
    }

    /** Returns the result, or the response that the lookup found in its place. Waits. */
    private Result resolve(Call write, Result result, Instant began, OutcomeResolver resolver)
            throws InterruptedException {
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
        write.request().headers().forEach((name, values) -> {
            if (!name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)) {
                headers.put(name, List.copyOf(values));
            }
        });
        Call call = new Call(new CallRequest(
                write.id(),
                write.account(),
                operation,
                write.request().dialect(),
                "GET",
                target,
                Map.of(),
                headers,
                new Body.None(),
                write.request().teamShare(),
                Priority.INTERACTIVE,
                deadline));
        return lookups.send(call, api) instanceof Result.Answered(VendorResponse answer, boolean _)
                ? buffered(answer.streamingFor(call))
                : Optional.empty();
    }

    private Optional<BufferedResponse> buffered(VendorResponse answer) {
        int most = Math.toIntExact(sizes.maxBody().asLongValue());
        try (InputStream _ = answer.body()) {
            return answer.readAll(most);
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
