package io.sluice.gateway;

import io.sluice.call.Body;
import io.sluice.call.CallRequest;
import io.sluice.delivery.AsyncPolicy;
import io.sluice.delivery.AsyncPolicy.AsyncDecision;
import io.sluice.delivery.Deliveries.Acceptance;
import io.sluice.delivery.Destination;
import io.sluice.delivery.Message;
import io.sluice.http.RequestBodies;
import io.sluice.problem.GatewayError.Code;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The step that accepts calls with {@code Prefer: respond-async}: they are stored for delivery, and answered as soon as
 * they are on the disk.
 */
final class RespondAsync implements CallHandler<Reply> {
    private static final Logger LOG = Logger.getLogger(RespondAsync.class);
    private static final Duration STORE_AWAY = Duration.ofSeconds(5);

    private final CallHandler<Reply> next;
    private final DeliveryStore deliveries;
    private final Map<String, AsyncPolicy> byMount = new HashMap<>();

    RespondAsync(CallHandler<Reply> next, DeliveryStore deliveries, List<AsyncPolicy> policies) {
        this.next = next;
        this.deliveries = deliveries;
        policies.forEach(one -> byMount.put(one.mount(), one));
    }

    /** The store of accepted calls. */
    @FunctionalInterface
    interface DeliveryStore {
        /** Stores a call's messages for delivery, as {@link io.sluice.delivery.Deliveries#accept} does. */
        Acceptance accept(Destination destination, String team, List<Message> messages) throws InterruptedException;
    }

    @Override
    public Reply handle(MountCall call) throws InterruptedException {
        AsyncPolicy policy = byMount.get(call.mounted().surface().mount());
        Optional<Reply> accepted = policy == null ? Optional.empty() : accept(call, policy);
        return accepted.isPresent() ? accepted.get() : next.handle(call);
    }

    /** Stores a call for delivery if that is asked for; waits for the disk. Empty if the call is to be made now. */
    private Optional<Reply> accept(MountCall call, AsyncPolicy policy) throws InterruptedException {
        CallRequest request = call.request();
        Body body = request.body();
        byte[] bytes = body instanceof Body.Buffered(byte[] kept) ? kept : new byte[0];
        long length = body instanceof Body.Streaming streaming ? streaming.length() : bytes.length;
        Optional<String> oversize = policy.oversize(request.method(), request.target(), length, bytes);
        if (oversize.isPresent()) {
            RequestBodies.discard(body);
            return Optional.of(call.refused(413, Code.TOO_LARGE, oversize.get()));
        }
        boolean asked = call.preferences().respondAsync();
        if (body instanceof Body.Streaming
                || !(asked || policy.isAsyncByDefault(call.mounted().account()))) {
            return Optional.empty();
        }
        AsyncDecision decision = policy.decide(new AsyncPolicy.ReceivedCall(
                call.mounted().account(),
                request.operation(),
                request.method(),
                request.target(),
                request.headers(),
                bytes));
        return switch (decision) {
            case AsyncDecision.SendNow() -> Optional.empty();
            case AsyncDecision.Reject(String what) -> Optional.of(call.refused(413, Code.TOO_LARGE, what));
            case AsyncDecision.Enqueue enqueue -> Optional.of(store(call, enqueue, asked));
        };
    }

    private Reply store(MountCall call, AsyncDecision.Enqueue enqueue, boolean asked) throws InterruptedException {
        String team = call.team().name();
        Acceptance acceptance;
        try {
            acceptance = deliveries.accept(enqueue.destination(), team, enqueue.messages());
        } catch (StoreUnavailableException e) {
            LOG.debugf(
                    "could not store delivery: request=%s team=%s: %s",
                    call.request().id(), team, e.getMessage());
            acceptance = new Acceptance.Refused("accepted work cannot be stored at the moment", STORE_AWAY);
        }
        return switch (acceptance) {
            case Acceptance.Stored(String id) -> new Reply.Accepted(id, asked, enqueue.success());
            case Acceptance.Refused(String why, Duration retryAfter) -> call.busy(why, retryAfter);
        };
    }
}
