package io.sluice.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import io.sluice.cache.Flight.FlightResult;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Cancellation;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.CallAbandonedException;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The read-through cache: a fresh response is served; otherwise equal reads share one flight to the vendor; and where
 * that cannot be made or fails, a stale response is served, and refreshed later.
 *
 * <p>A read joins a flight only if nothing that it asks for was invalidated since the flight began, and only if the
 * flight is at least as urgent. The thread of the read that began the flight drives it to its end, also when that
 * read's caller has left and others wait.
 */
public final class CachedReads {
    private final ResponseCache cache;
    private final Ticker ticker;
    private final CacheConfig config;
    private final Refreshes refreshes;
    private final Map<String, Flight> flights = new ConcurrentHashMap<>();

    public CachedReads(ResponseCache cache, Ticker ticker, CacheConfig config, Refreshes refreshes) {
        this.cache = cache;
        this.ticker = ticker;
        this.config = config;
        this.refreshes = refreshes;
    }

    /**
     * Serves a read. Waits as {@link Origin#fetch} does, or for the flight of an equal read.
     *
     * @throws CallAbandonedException if the caller left while it waited
     */
    public ServedResult read(CallRequest request, CachePolicy policy, CacheDirectives directives, Origin origin)
            throws InterruptedException {
        if (directives.conditional()) {
            Call call = origin.call();
            return new ServedResult(origin.fetch(call), call, CacheStatus.REQUEST);
        }
        String key = policy.key(request);
        CachedResponse cached = cache.find(key).orElse(null);
        long now = ticker.read();
        if (cached != null && cached.fresh(now) && !directives.noCache() && youngEnough(cached, directives, now)) {
            return hit(cached, now);
        }
        Call call = origin.call();
        Read read = new Read(key, call, policy, directives, origin, cached);
        if (servableStale(cached, directives) && origin.closed(call)) {
            return stale(read, cached, "closed");
        }
        ServedResult fetched = fetch(read);
        if (answered(fetched.result())) {
            return fetched;
        }
        // Looked up again: the entry may have been invalidated while the vendor was asked.
        CachedResponse still = cache.find(key).orElse(null);
        return servableStale(still, directives) ? stale(read, still, why(fetched.result())) : fetched;
    }

    /** Returns how many reads wait for flights that others began. */
    public int sharing() {
        return flights.values().stream()
                .mapToInt(flight -> flight.members() - 1)
                .sum();
    }

    /** One read, its cache key and the cached entry that was found for it. */
    private record Read(
            String key,
            Call call,
            CachePolicy policy,
            CacheDirectives directives,
            Origin origin,
            @Nullable CachedResponse cached) {
        String why() {
            return directives.noCache() ? "request" : cached == null ? "miss" : "stale";
        }
    }

    private static boolean youngEnough(CachedResponse cached, CacheDirectives directives, long now) {
        return directives
                .maxAge()
                .map(maxAge -> cached.age(now).compareTo(maxAge) <= 0)
                .orElse(true);
    }

    private boolean servableStale(@Nullable CachedResponse cached, CacheDirectives directives) {
        return cached != null
                && directives.stale()
                && !directives.noCache()
                && youngEnough(cached, directives, ticker.read())
                && cached.age(ticker.read()).compareTo(config.maxStale()) <= 0;
    }

    /** True if the vendor's response is to be served rather than the stale entry. */
    private static boolean answered(Result result) {
        return result instanceof Result.Answered answered
                && answered.answer().status() < 500
                && answered.answer().status() != 429;
    }

    private static String why(Result result) {
        return switch (result) {
            case Result.Answered _ -> "vendor-failed";
            case Result.Shed _ -> "limited";
            case Result.Failed _ -> "vendor-failed";
        };
    }

    private static ServedResult hit(CachedResponse cached, long now) {
        return new ServedResult(
                aged(cached, now), null, CacheStatus.hit(cached.ttl().minus(cached.age(now))));
    }

    private ServedResult stale(Read read, @Nullable CachedResponse cached, String why) {
        if (cached == null) {
            throw new IllegalArgumentException("there is nothing to serve");
        }
        long now = ticker.read();
        refreshes.later(read.key(), config, () -> refresh(read));
        return new ServedResult(
                aged(cached, now), null, CacheStatus.stale(cached.ttl().minus(cached.age(now)), why));
    }

    private static Result aged(CachedResponse cached, long now) {
        Result.Answered answer = cached.answer().result();
        answer.answer().headers().putSingle("Age", Long.toString(cached.age(now).toSeconds()));
        return answer;
    }

    /** Refreshes an entry from the vendor in the background, unless that was done meanwhile. */
    private void refresh(Read read) throws InterruptedException {
        CachedResponse cached = cache.find(read.key()).orElse(null);
        if (cached != null && cached.fresh(ticker.read())) {
            return;
        }
        Call later = new Call(read.call()
                .request()
                .asBulkUntil(ticker.read() + config.refreshPermitTimeout().toNanos()));
        close(fetch(new Read(
                        read.key(),
                        later,
                        read.policy(),
                        CacheDirectives.NONE,
                        new Refreshing(later, read.origin()),
                        cached))
                .result());
    }

    /** An origin that makes each call as a refresh. */
    private record Refreshing(Call call, Origin origin) implements Origin {
        @Override
        public Result fetch(Call call) throws InterruptedException {
            return origin.refresh(call);
        }

        @Override
        public boolean closed(Call call) {
            return origin.closed(call);
        }
    }

    private static void close(Result result) {
        if (result instanceof Result.Answered answered) {
            try {
                answered.answer().body().close();
            } catch (IOException alreadyGone) {
                // The outcome does not matter: no caller waits for it.
                return;
            }
        }
    }

    private ServedResult fetch(Read read) throws InterruptedException {
        Flight joined = read.directives().noCache() ? null : joinable(read);
        if (joined != null) {
            Optional<ServedResult> shared = follow(read, joined);
            if (shared.isPresent()) {
                return shared.get();
            }
        }
        return lead(read);
    }

    /** A flight that the read may join, joined; null if there is none. */
    private @Nullable Flight joinable(Read read) {
        Flight flight = flights.get(read.key());
        return flight != null
                        && (!flight.call.request().bulk()
                                || read.call().request().bulk())
                        && cache.shareable(read.call().request(), read.policy(), flight.since)
                        && flight.join()
                ? flight
                : null;
    }

    /**
     * Waits for the flight of an equal read; empty if it brought nothing for this read, which must then be fetched by
     * itself.
     */
    private Optional<ServedResult> follow(Read read, Flight flight) throws InterruptedException {
        Runnable leaving = flight.leaving();
        CompletableFuture<FlightResult> flightResult = flight.flightResult.copy();
        try (Cancellation.Registration _ = read.call().cancellation().onLeave(() -> {
            leaving.run();
            flightResult.completeExceptionally(new CallAbandonedException());
        })) {
            return switch (await(flightResult, read.call(), flight)) {
                case FlightResult.Shared(BufferedResponse answer, boolean _) ->
                    Optional.of(collapsed(answer.result(), read));
                case FlightResult.Unanswered(Result.Failed failed) -> Optional.of(collapsed(failed, read));
                case FlightResult.Unanswered _, FlightResult.Unshareable _ -> Optional.empty();
            };
        } catch (ExecutionException e) {
            throw new CallAbandonedException();
        } finally {
            leaving.run();
        }
    }

    private static ServedResult collapsed(Result result, Read read) {
        return new ServedResult(result, null, CacheStatus.collapsed(read.why()));
    }

    /** Waits as long as the caller would for a permit, and then to the end if the request has been sent already. */
    private FlightResult await(CompletableFuture<FlightResult> flightResult, Call call, Flight flight)
            throws InterruptedException, ExecutionException {
        try {
            return flightResult.get(call.maxWait(ticker.read()).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return flight.call.attempts().count() > 0 ? flightResult.get() : new FlightResult.Unshareable();
        }
    }

    private ServedResult lead(Read read) throws InterruptedException {
        String etag = read.cached() == null ? null : read.cached().etag();
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.putAll(read.call().request().headers());
        // One encoding, so that the response suits every caller.
        headers.putSingle("Accept-Encoding", "identity");
        if (etag != null) {
            headers.putSingle("If-None-Match", etag);
        }
        Flight flight = new Flight(new Call(read.call().request().withHeaders(headers)), cache.now());
        Runnable leaving = flight.leaving();
        // For good: the response may stream to the caller for longer than this.
        Cancellation.Registration _ = read.call().cancellation().onLeave(leaving);
        flights.put(read.key(), flight);
        FlightResult flightResult = new FlightResult.Unshareable();
        try {
            Result result = read.origin().fetch(flight.call);
            BufferedResponse buffered =
                    result instanceof Result.Answered answered ? buffered(answered.answer(), flight, read) : null;
            boolean stored = buffered != null
                    && read.directives().mayStore()
                    && cache.store(read.call().request(), read.policy(), buffered, flight.since);
            Result own = result;
            if (buffered != null) {
                own = buffered.result();
                flightResult = new FlightResult.Shared(buffered, false);
            } else if (!(result instanceof Result.Answered)) {
                flightResult = new FlightResult.Unanswered(result);
            }
            if (read.call().cancellation().isAbandoned()) {
                close(own);
                throw new CallAbandonedException();
            }
            return new ServedResult(own, flight.call, CacheStatus.forwarded(read.why(), stored));
        } catch (BrokenOffException e) {
            flightResult = new FlightResult.Unanswered(new Result.Failed(Result.Cause.CONNECTION_LOST, false));
            return new ServedResult(
                    new Result.Failed(Result.Cause.CONNECTION_LOST, false),
                    flight.call,
                    CacheStatus.forwarded(read.why(), false));
        } finally {
            flights.remove(read.key(), flight);
            flight.flightResult.complete(flightResult);
        }
    }

    /**
     * The response with its body in memory, or null if that is too large to share: then the response still has its
     * whole body.
     */
    private @Nullable BufferedResponse buffered(VendorResponse answer, Flight flight, Read read)
            throws BrokenOffException {
        if (answer.status() == 304 && read.cached() != null && read.cached().etag() != null) {
            flight.call.attempts().finished();
            return read.cached().answer();
        }
        int most = Math.toIntExact(config.maxBody().asLongValue());
        try {
            BufferedResponse whole = answer.readAll(most).orElse(null);
            if (whole != null) {
                flight.call.attempts().finished();
            }
            return whole;
        } catch (IOException e) {
            throw new BrokenOffException(e);
        }
    }

    /** The vendor's connection broke while the response was read, before any of it reached a caller. */
    private static final class BrokenOffException extends Exception {
        BrokenOffException(IOException cause) {
            super(cause);
        }
    }
}
