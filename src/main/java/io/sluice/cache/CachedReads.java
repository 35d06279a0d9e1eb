package io.sluice.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import io.sluice.cache.Flight.Landing;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.Result;
import io.sluice.call.VendorAnswer;
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
 * What a read goes through whose answers may be kept: a fresh answer is served; otherwise equal reads share one flight to
 * the vendor; and where that cannot be made or fails, an answer out of date is served, and refreshed later.
 *
 * <p>A read joins a flight only if nothing that it asks for was spoiled since the flight began, and only if the flight is
 * at least as urgent. The flight is driven by the thread of whoever began it, also when its caller has left and others
 * wait.
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
     * Serves a read. Waits as {@link Origin#fetch} does, or for whoever asks the same.
     *
     * @throws CallAbandonedException if the caller left while it waited
     */
    public Served read(Call call, CachePolicy policy, Wishes wishes, Origin origin) throws InterruptedException {
        if (wishes.own()) {
            return new Served(origin.fetch(call), call, CacheStatus.REQUEST);
        }
        String key = policy.key(call);
        Kept kept = cache.find(key).orElse(null);
        long now = ticker.read();
        if (kept != null && kept.fresh(now) && !wishes.fetch() && youngEnough(kept, wishes, now)) {
            return hit(call, kept, now);
        }
        Read read = new Read(key, call, policy, wishes, origin, kept);
        if (servableStale(kept, wishes) && origin.closed(call)) {
            return stale(read, kept, "closed");
        }
        Served fetched = fetch(read);
        if (answered(fetched.result())) {
            return fetched;
        }
        // Looked up again: what was kept may have been spoiled while the vendor was asked.
        Kept still = cache.find(key).orElse(null);
        return servableStale(still, wishes) ? stale(read, still, why(fetched.result())) : fetched;
    }

    /** How many reads wait for flights that others began. */
    public int sharing() {
        return flights.values().stream()
                .mapToInt(flight -> flight.members() - 1)
                .sum();
    }

    /** One read and what is known of it. */
    private record Read(
            String key,
            Call call,
            CachePolicy policy,
            Wishes wishes,
            Origin origin,
            @Nullable Kept kept) {
        String why() {
            return wishes.fetch() ? "request" : kept == null ? "miss" : "stale";
        }
    }

    private static boolean youngEnough(Kept kept, Wishes wishes, long now) {
        return wishes.maxAge()
                .map(maxAge -> kept.age(now).compareTo(maxAge) <= 0)
                .orElse(true);
    }

    private boolean servableStale(@Nullable Kept kept, Wishes wishes) {
        return kept != null
                && wishes.stale()
                && !wishes.fetch()
                && youngEnough(kept, wishes, ticker.read())
                && kept.age(ticker.read()).compareTo(config.maxStale()) <= 0;
    }

    /** Whether the vendor said something better than what is kept. */
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

    private Served hit(Call call, Kept kept, long now) {
        return new Served(aged(kept, now), call, CacheStatus.hit(kept.ttl().minus(kept.age(now))));
    }

    private Served stale(Read read, @Nullable Kept kept, String why) {
        if (kept == null) {
            throw new IllegalArgumentException("there is nothing to serve");
        }
        long now = ticker.read();
        refreshes.later(read.key(), config, () -> refresh(read));
        return new Served(
                aged(kept, now), read.call(), CacheStatus.stale(kept.ttl().minus(kept.age(now)), why));
    }

    private static Result aged(Kept kept, long now) {
        Result.Answered answer = kept.answer().result();
        answer.answer().headers().putSingle("Age", Long.toString(kept.age(now).toSeconds()));
        return answer;
    }

    /** Asks the vendor again for nobody who waits, unless it was done meanwhile. */
    private void refresh(Read read) throws InterruptedException {
        Kept kept = cache.find(read.key()).orElse(null);
        if (kept != null && kept.fresh(ticker.read())) {
            return;
        }
        Call later = read.call().toBuilder()
                .asBulkUntil(ticker.read() + config.refreshPatience().toNanos())
                .named(read.call().id() + "-refresh", read.call());
        close(fetch(new Read(read.key(), later, read.policy(), Wishes.NONE, new Refreshing(read.origin()), kept))
                .result());
    }

    /** Where a refreshed answer comes from. */
    private record Refreshing(Origin origin) implements Origin {
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
                // Whatever it was, nobody wanted it.
                return;
            }
        }
    }

    private Served fetch(Read read) throws InterruptedException {
        Flight joined = read.wishes().fetch() ? null : joinable(read);
        if (joined != null) {
            Optional<Served> shared = ride(read, joined);
            if (shared.isPresent()) {
                return shared.get();
            }
        }
        return lead(read);
    }

    /** A flight that the read may join, joined. */
    private @Nullable Flight joinable(Read read) {
        Flight flight = flights.get(read.key());
        return flight != null
                        && (!flight.call.bulk() || read.call().bulk())
                        && cache.shareable(read.call(), read.policy(), flight.since)
                        && flight.join()
                ? flight
                : null;
    }

    /** Waits for somebody else's flight; nothing if it brought nothing for this read, which must ask itself. */
    private Optional<Served> ride(Read read, Flight flight) throws InterruptedException {
        Runnable leaving = flight.leaving();
        CompletableFuture<Landing> landing = flight.landing.copy();
        read.call().whenAbandoned(() -> {
            leaving.run();
            landing.completeExceptionally(new CallAbandonedException());
        });
        try {
            return switch (await(landing, read.call(), flight)) {
                case Landing.Shared(Whole answer, boolean _) ->
                    Optional.of(new Served(answer.result(), read.call(), CacheStatus.collapsed(read.why())));
                case Landing.Without(Result.Failed failed) ->
                    Optional.of(new Served(failed, read.call(), CacheStatus.collapsed(read.why())));
                case Landing.Without _, Landing.Alone _ -> Optional.empty();
            };
        } catch (ExecutionException e) {
            throw new CallAbandonedException();
        } finally {
            read.call().whenAbandoned(() -> {});
            leaving.run();
        }
    }

    /** Waits as long as the caller would for a permit, and then to the end if the request has gone already. */
    private Landing await(CompletableFuture<Landing> landing, Call call, Flight flight)
            throws InterruptedException, ExecutionException {
        try {
            return landing.get(call.patience(ticker.read()).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return flight.call.attempts() > 0 ? landing.get() : new Landing.Alone();
        }
    }

    private Served lead(Read read) throws InterruptedException {
        String etag = read.kept() == null ? null : read.kept().etag();
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.putAll(read.call().headers());
        // One form for everybody.
        headers.putSingle("Accept-Encoding", "identity");
        if (etag != null) {
            headers.putSingle("If-None-Match", etag);
        }
        Flight flight = new Flight(
                read.call().toBuilder().with(headers).named(read.call().id(), read.call()), cache.now());
        Runnable leaving = flight.leaving();
        read.call().whenAbandoned(leaving);
        flights.put(read.key(), flight);
        Landing landing = new Landing.Alone();
        try {
            Result result = read.origin().fetch(flight.call);
            Whole whole = result instanceof Result.Answered answered ? whole(answered.answer(), flight, read) : null;
            boolean stored = whole != null
                    && read.wishes().store()
                    && cache.keep(read.call(), read.policy(), whole, flight.since);
            Result own = result;
            if (whole != null) {
                own = whole.result();
                landing = new Landing.Shared(whole, false);
            } else if (!(result instanceof Result.Answered)) {
                landing = new Landing.Without(result);
            }
            if (read.call().abandoned()) {
                close(own);
                throw new CallAbandonedException();
            }
            return new Served(own, flight.call, CacheStatus.forwarded(read.why(), stored));
        } catch (BrokenOffException e) {
            landing = new Landing.Without(new Result.Failed(Result.Cause.LOST, false));
            return new Served(
                    new Result.Failed(Result.Cause.LOST, false), flight.call, CacheStatus.forwarded(read.why(), false));
        } finally {
            flights.remove(read.key(), flight);
            flight.landing.complete(landing);
        }
    }

    /** The answer with its body, or null if that is too large to share: then the answer has it still, whole. */
    private @Nullable Whole whole(VendorAnswer answer, Flight flight, Read read) throws BrokenOffException {
        if (answer.status() == 304 && read.kept() != null && read.kept().etag() != null) {
            flight.call.finished();
            return read.kept().answer();
        }
        int most = Math.toIntExact(config.maxBody().asLongValue());
        try {
            byte[] body = answer.body().readNBytes(most + 1);
            if (body.length <= most) {
                flight.call.finished();
                return new Whole(answer.status(), answer.headers(), body);
            }
            answer.unread(body);
            return null;
        } catch (IOException e) {
            throw new BrokenOffException(e);
        }
    }

    /** The vendor broke its answer off, of which nobody has seen anything yet. */
    private static final class BrokenOffException extends Exception {
        BrokenOffException(IOException cause) {
            super(cause);
        }
    }
}
