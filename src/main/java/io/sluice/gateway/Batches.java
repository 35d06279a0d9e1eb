package io.sluice.gateway;

import io.sluice.budget.Decision;
import io.sluice.cache.CacheConfig;
import io.sluice.cache.Whole;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.CallMeters;
import io.sluice.call.Permits;
import io.sluice.call.Result;
import io.sluice.call.VendorAnswer;
import io.sluice.gateway.WaitingRooms.Carried;
import io.sluice.gateway.WaitingRooms.Rider;
import io.sluice.vendor.Batching;
import io.sluice.vendor.ErrorShape;
import io.sluice.vendor.Route;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * Has reads that wait for permits go together. Each waits in the queue for its own turn; the first that gets a permit
 * takes the others along, in one read of many. So no read is ever held back for a batch: who could go now goes now, and
 * who waits never waits longer than it would alone.
 *
 * <p>The one permit is charged to the team whose turn it was. If the vendor refuses the read of many, for what it asks or
 * for its rate, each goes alone after all.
 */
@ApplicationScoped
public class Batches {
    private final WaitingRooms rooms = new WaitingRooms();
    private final Gateway gateway;
    private final Permits permits;
    private final CallMeters meters;
    private final GatewayConfig config;
    private final CacheConfig sizes;

    Batches(Gateway gateway, Permits permits, CallMeters meters, GatewayConfig config, CacheConfig sizes) {
        this.gateway = gateway;
        this.permits = permits;
        this.meters = meters;
        this.config = config;
        this.sizes = sizes;
    }

    /** Makes a read, alone or with others; waits as {@link Gateway#send} does. */
    Result fetch(Call call, Route.Match match, Batching rule) throws InterruptedException {
        Optional<Batching.Single> single = rule.single(call);
        if (single.isEmpty()) {
            return gateway.send(call, match.api());
        }
        String room = String.join(
                "\n",
                call.account().budget(),
                match.operation().name(),
                single.get().group());
        Rider rider = new Rider(call, single.get().id());
        rooms.enter(room, rider);
        Optional<Decision> decision = wait(rider);
        if (!rooms.leave(room, rider)) {
            // Somebody takes it along, even if its own turn has come meanwhile.
            call.giveBack();
            return carried(rider, match);
        }
        return switch (decision.orElse(null)) {
            case Decision.Granted _ -> go(rider, room, match, rule);
            case Decision.Refused refused -> gateway.shed(call, refused);
            case null -> {
                meters.ended(call, CallMeters.Outcome.CANCELLED);
                throw new CallAbandonedException();
            }
        };
    }

    /** The budget's decision, or nothing if the call left the queue before. */
    private Optional<Decision> wait(Rider rider) throws InterruptedException {
        try {
            return Optional.of(permits.obtain(rider.call, config.waiting().max()));
        } catch (CallAbandonedException e) {
            return Optional.empty();
        }
    }

    /** Uses the permit that the rider's call holds, for as many as possible. */
    private Result go(Rider first, String room, Route.Match match, Batching rule) throws InterruptedException {
        if (!rooms.occupied(room) || !first.call.canGoAs(rule.operation())) {
            return gateway.goOn(first.call, match.api());
        }
        List<Rider> others = rooms.take(room, rule.most() - 1);
        try {
            others.forEach(other -> other.call.callOff());
            carry(first, others, rule);
        } finally {
            // Whatever went wrong, nobody may wait for it.
            others.forEach(other -> other.settle(Optional.empty()));
            first.carried.complete(Optional.empty());
        }
        return carried(first, match);
    }

    private void carry(Rider first, List<Rider> others, Batching rule) throws InterruptedException {
        List<Rider> all = new ArrayList<>(others);
        all.add(first);
        List<String> ids = all.stream().map(rider -> rider.id).distinct().toList();
        long deadline = all.stream()
                .mapToLong(rider -> rider.call.deadline())
                .reduce(all.getFirst().call.deadline(), (one, other) -> one - other < 0 ? one : other);
        Call batch = first.call.instead(first.call.id() + "-batch", rule.operation(), rule.together(ids), deadline);
        Result result = gateway.goOnOnce(batch, rule::api);
        first.call.wentAs(batch);
        Answers answers = answers(result, batch, rule);
        all.forEach(rider -> rider.settle(answers.of(rider)));
    }

    /** What each rider gets. */
    @FunctionalInterface
    private interface Answers {
        Optional<Carried> of(Rider rider);
    }

    private Answers answers(Result result, Call batch, Batching rule) {
        return switch (result) {
            case Result.Failed failed -> rider -> Optional.of(new Carried.None(failed));
            case Result.Shed _ -> rider -> Optional.empty();
            case Result.Answered(VendorAnswer answer, boolean _) -> answers(answer, batch, rule);
        };
    }

    private Answers answers(VendorAnswer answer, Call batch, Batching rule) {
        byte[] body;
        try (var stream = answer.body()) {
            int most = (int) Math.min(
                    Integer.MAX_VALUE - 8, rule.most() * sizes.maxBody().asLongValue());
            body = stream.readNBytes(most);
            if (body.length == most) {
                return rider -> Optional.empty();
            }
            batch.finished();
        } catch (IOException brokenOff) {
            return rider -> Optional.of(new Carried.None(new Result.Failed(Result.Cause.LOST, false)));
        }
        if (answer.status() >= 500 || answer.status() == 429) {
            Whole failure = new Whole(answer.status(), answer.headers(), body);
            return rider -> Optional.of(new Carried.Answer(failure));
        }
        Map<String, byte[]> things = answer.status() == 200 ? rule.apart(body).orElse(null) : null;
        if (things == null) {
            return rider -> Optional.empty();
        }
        return rider -> {
            byte[] own = things.get(rider.id);
            return Optional.of(new Carried.Answer(
                    own == null ? missing(answer, rider, rule) : new Whole(200, headers(answer, own.length), own)));
        };
    }

    private static Whole missing(VendorAnswer answer, Rider rider, Batching rule) {
        ErrorShape.Body body = rule.missing(rider.id, rider.call.id());
        byte[] bytes = body.text().getBytes(StandardCharsets.UTF_8);
        MultivaluedMap<String, String> headers = headers(answer, bytes.length);
        headers.putSingle(HttpHeaders.CONTENT_TYPE, body.contentType());
        return new Whole(404, headers, bytes);
    }

    /** The headers that hold for a part of the answer as for the whole. */
    private static MultivaluedMap<String, String> headers(VendorAnswer answer, int length) {
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

    /** What came of being taken along; if nothing, the call goes itself after all. */
    private Result carried(Rider rider, Route.Match match) throws InterruptedException {
        Optional<Carried> carried;
        try {
            carried = rider.carried.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a rider's future never fails", impossible);
        }
        if (carried.isEmpty()) {
            return gateway.send(rider.call, match.api());
        }
        return switch (carried.get()) {
            case Carried.Answer(Whole whole) -> {
                meters.ended(rider.call, CallMeters.Outcome.of(whole.status()));
                yield whole.result();
            }
            case Carried.None(Result.Failed failed) -> {
                meters.ended(rider.call, CallMeters.Outcome.CONNECTION_LOST);
                yield failed;
            }
        };
    }
}
