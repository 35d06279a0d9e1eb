package io.sluice.gateway;

import io.sluice.budget.Decision;
import io.sluice.budget.PermitRequest;
import io.sluice.cache.CacheConfig;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.CallMeters;
import io.sluice.call.Permits;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.gateway.PendingReads.BatchedResponse;
import io.sluice.gateway.PendingReads.PendingRead;
import io.sluice.saas.Batching;
import io.sluice.saas.ErrorShape;
import io.sluice.saas.Route;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * The batching of reads that wait for permits. Each waits in the queue for its own turn; the first that gets a permit
 * takes the others into one read of many. So no read is ever held back for a batch: a read that could go now goes now,
 * and one that waits never waits longer than it would alone.
 *
 * <p>The one permit is charged to the team whose turn it was. If the vendor refuses the batched read, for the request
 * itself or for its rate, each goes alone after all.
 */
final class ReadBatcher implements CallHandler<Reply.Served> {
    private final PendingReads pending = new PendingReads();
    private final CallHandler<Reply.Served> next;
    private final VendorExchange exchange;
    private final Permits permits;
    private final CallMeters meters;
    private final GatewayConfig config;
    private final CacheConfig sizes;

    /** @param exchange makes the batches, and the reads that hold a permit already */
    ReadBatcher(
            CallHandler<Reply.Served> next,
            VendorExchange exchange,
            Permits permits,
            CallMeters meters,
            GatewayConfig config,
            CacheConfig sizes) {
        this.next = next;
        this.exchange = exchange;
        this.permits = permits;
        this.meters = meters;
        this.config = config;
        this.sizes = sizes;
    }

    @Override
    public Reply.Served handle(MountCall call) throws InterruptedException {
        Batching rule = call.match().batching();
        Batching.Single single =
                rule == null ? null : rule.single(call.request()).orElse(null);
        return rule == null || single == null
                ? next.handle(call)
                : VendorExchange.served(call.call(), fetch(call.call(), single, call.match(), rule));
    }

    private Result fetch(Call call, Batching.Single single, Route.Match match, Batching rule)
            throws InterruptedException {
        String group =
                String.join("\n", call.account().budget(), match.operation().name(), single.group());
        PendingRead read = new PendingRead(call, single.id());
        pending.enter(group, read);
        Optional<Decision> decision =
                wait(read, new PermitRequest.Batch(group, rule.operation().name(), rule.most()));
        if (!pending.leave(group, read)) {
            // A batch has taken it, even if its own permit has come meanwhile.
            call.attempts().releasePermit();
            return batched(read, match);
        }
        return switch (decision.orElse(null)) {
            case Decision.Granted _ -> executeTogether(read, group, match, rule);
            case Decision.Denied denied -> exchange.reject(call, denied);
            case null -> {
                meters.ended(call, CallMeters.Outcome.CANCELLED);
                throw new CallAbandonedException();
            }
        };
    }

    /** Waits for the budget's decision; empty if the call left the queue before. */
    private Optional<Decision> wait(PendingRead read, PermitRequest.Batch batch) throws InterruptedException {
        try {
            return Optional.of(permits.obtain(read.call, config.permitWait().max(), Optional.of(batch)));
        } catch (CallAbandonedException e) {
            return Optional.empty();
        }
    }

    /** Uses the permit that the read's call holds for as many reads as possible. */
    private Result executeTogether(PendingRead first, String group, Route.Match match, Batching rule)
            throws InterruptedException {
        if (!pending.hasPending(group) || !first.call.attempts().canGoAs(rule.operation())) {
            return exchange.sendWithPermit(first.call, match.api());
        }
        List<PendingRead> others = pending.take(group, rule.most() - 1);
        try {
            others.forEach(other -> other.call.withdraw());
            execute(first, others, rule);
        } finally {
            // Whatever failed, no read may wait for it.
            others.forEach(other -> other.settle(null));
            first.response.complete(Optional.empty());
        }
        return batched(first, match);
    }

    private void execute(PendingRead first, List<PendingRead> others, Batching rule) throws InterruptedException {
        List<PendingRead> all = new ArrayList<>(others);
        all.add(first);
        List<String> ids = all.stream().map(read -> read.id).distinct().toList();
        long deadline = all.stream()
                .mapToLong(read -> read.call.request().deadline())
                .reduce(all.getFirst().call.request().deadline(), (one, other) -> one - other < 0 ? one : other);
        Call batch = first.call.asBatch(rule.operation(), rule.together(ids), deadline);
        Result result = exchange.trySendWithPermit(batch, rule::api);
        first.call.absorb(batch);
        ResponseSplitter splitter = splitter(result, batch, rule);
        all.forEach(read -> read.settle(splitter.of(read).orElse(null)));
    }

    /** A splitter of a batch's response into those of its reads. */
    @FunctionalInterface
    private interface ResponseSplitter {
        Optional<BatchedResponse> of(PendingRead read);
    }

    private ResponseSplitter splitter(Result result, Call batch, Batching rule) {
        return switch (result) {
            case Result.Failed failed -> read -> Optional.of(new BatchedResponse.Unavailable(failed));
            case Result.Shed _ -> read -> Optional.empty();
            case Result.Answered(VendorResponse answer, boolean _) -> splitter(answer, batch, rule);
        };
    }

    private ResponseSplitter splitter(VendorResponse answer, Call batch, Batching rule) {
        byte[] body;
        try (InputStream _ = answer.body()) {
            int most = (int) Math.min(
                    Integer.MAX_VALUE - 8, rule.most() * sizes.maxBody().asLongValue());
            BufferedResponse whole = answer.readAll(most).orElse(null);
            if (whole == null) {
                return read -> Optional.empty();
            }
            body = whole.body();
            batch.attempts().finished();
        } catch (IOException brokenOff) {
            return read -> Optional.of(
                    new BatchedResponse.Unavailable(new Result.Failed(Result.Cause.CONNECTION_LOST, false)));
        }
        if (answer.status() >= 500 || answer.status() == 429) {
            BufferedResponse failure = new BufferedResponse(answer.status(), answer.headers(), body);
            return read -> Optional.of(new BatchedResponse.Available(failure));
        }
        Map<String, byte[]> things = answer.status() == 200 ? rule.apart(body).orElse(null) : null;
        if (things == null) {
            return read -> Optional.empty();
        }
        return read -> {
            byte[] own = things.get(read.id);
            return Optional.of(new BatchedResponse.Available(
                    own == null
                            ? missing(answer, read, rule)
                            : new BufferedResponse(200, headers(answer, own.length), own)));
        };
    }

    private static BufferedResponse missing(VendorResponse answer, PendingRead read, Batching rule) {
        ErrorShape.Body body = rule.missing(read.id, read.call.id());
        byte[] bytes = body.text().getBytes(StandardCharsets.UTF_8);
        MultivaluedMap<String, String> headers = headers(answer, bytes.length);
        headers.putSingle(HttpHeaders.CONTENT_TYPE, body.contentType());
        return new BufferedResponse(404, headers, bytes);
    }

    /** The headers that hold for a part of the response as for the whole. */
    private static MultivaluedMap<String, String> headers(VendorResponse answer, int length) {
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        answer.headers().forEach((name, values) -> {
            if (Stream.of("ETag", "Last-Modified", "Transfer-Encoding", "Content-Length")
                    .noneMatch(name::equalsIgnoreCase)) {
                headers.addAll(name, values);
            }
        });
        headers.putSingle(HttpHeaders.CONTENT_LENGTH, Integer.toString(length));
        return headers;
    }

    /** Returns the read's part of the batched response; without one the call is made by itself. */
    private Result batched(PendingRead read, Route.Match match) throws InterruptedException {
        Optional<BatchedResponse> response;
        try {
            response = read.response.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a pending read's future never fails", impossible);
        }
        if (response.isEmpty()) {
            return exchange.make(read.call, match.api());
        }
        return switch (response.get()) {
            case BatchedResponse.Available(BufferedResponse buffered) -> {
                meters.ended(read.call, CallMeters.Outcome.of(buffered.status()));
                yield buffered.result();
            }
            case BatchedResponse.Unavailable(Result.Failed failed) -> {
                meters.ended(read.call, CallMeters.Outcome.CONNECTION_LOST);
                yield failed;
            }
        };
    }
}
