package io.sluice.gateway;

import io.quarkus.arc.All;
import io.sluice.call.Body;
import io.sluice.call.Operation;
import io.sluice.delivery.AsyncPolicy;
import io.sluice.delivery.AsyncPolicy.AsyncDecision;
import io.sluice.delivery.Deliveries;
import io.sluice.delivery.Deliveries.Acceptance;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.store.StoreUnavailableException;
import io.sluice.team.Team;
import io.sluice.vendor.GatewayError;
import io.sluice.vendor.GatewayError.Code;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The acceptance of calls with {@code Prefer: respond-async}: they are stored for delivery, and answered as soon as
 * they are on the disk.
 */
@Singleton
public class RespondAsync {
    /** The header with the delivery's id in responses that are otherwise the vendor's. */
    static final String DELIVERY = "Sluice-Delivery";

    private static final Logger LOG = Logger.getLogger(RespondAsync.class);
    private static final Duration STORE_AWAY = Duration.ofSeconds(5);

    private final Deliveries deliveries;
    private final Map<String, AsyncPolicy> byMount = new HashMap<>();

    RespondAsync(Deliveries deliveries, @All List<AsyncPolicy> policies) {
        this.deliveries = deliveries;
        policies.forEach(one -> byMount.put(one.mount(), one));
    }

    /**
     * Stores a call for delivery if that is asked for, and returns the response; waits for the disk. Empty if the call
     * is to be made now.
     */
    Optional<Response> accept(
            MountMatch mounted, Operation operation, Team team, HttpServerRequest request, Body body, String requestId)
            throws InterruptedException {
        AsyncPolicy policy = byMount.get(mounted.surface().mount());
        if (policy == null) {
            return Optional.empty();
        }
        byte[] bytes = body instanceof Body.Buffered(byte[] kept) ? kept : new byte[0];
        long length = body instanceof Body.Streaming streaming ? streaming.length() : bytes.length;
        Optional<String> oversize = policy.oversize(request.method().name(), mounted.target(), length, bytes);
        if (oversize.isPresent()) {
            RequestBodies.discard(body);
            return Optional.of(tooLarge(mounted, oversize.get(), requestId));
        }
        boolean asked = RequestPreferences.respondAsync(request.headers());
        if (body instanceof Body.Streaming || !(asked || policy.isAsyncByDefault(mounted.account()))) {
            return Optional.empty();
        }
        AsyncDecision decision = policy.decide(new AsyncPolicy.ReceivedCall(
                mounted.account(),
                operation,
                request.method().name(),
                mounted.target(),
                HeaderFilter.toVendor(request.headers()),
                bytes));
        return switch (decision) {
            case AsyncDecision.SendNow() -> Optional.empty();
            case AsyncDecision.Reject(String what) -> Optional.of(tooLarge(mounted, what, requestId));
            case AsyncDecision.Enqueue enqueue -> Optional.of(store(mounted, enqueue, team, asked, requestId));
        };
    }

    private static Response tooLarge(MountMatch mounted, String what, String requestId) {
        return ErrorResponses.of(mounted, 413, Code.TOO_LARGE, "Sluice: " + what, requestId);
    }

    private Response store(
            MountMatch mounted, AsyncDecision.Enqueue enqueue, Team team, boolean asked, String requestId)
            throws InterruptedException {
        Acceptance acceptance;
        try {
            acceptance = deliveries.accept(enqueue.destination(), team.name(), enqueue.messages());
        } catch (StoreUnavailableException e) {
            LOG.debugf("could not store delivery: request=%s team=%s: %s", requestId, team.name(), e.getMessage());
            acceptance = new Acceptance.Refused("accepted work cannot be stored at the moment", STORE_AWAY);
        }
        return switch (acceptance) {
            case Acceptance.Stored(String id)
            when asked ->
                Response.accepted("{\"id\":\"" + id + "\",\"state\":\"queued\"}")
                        .type(MediaType.APPLICATION_JSON)
                        .header(HttpHeaders.LOCATION, "/api/deliveries/" + id)
                        .header("Preference-Applied", "respond-async")
                        .header(DELIVERY, id)
                        .build();
            case Acceptance.Stored(String id) ->
                Response.ok(enqueue.success(), MediaType.APPLICATION_JSON)
                        .header(DELIVERY, id)
                        .build();
            case Acceptance.Refused(String why, Duration retryAfter) ->
                ErrorResponses.render(
                        mounted,
                        new GatewayError(
                                429, Code.TOO_MANY_REQUESTS, "Sluice: " + why, requestId, Optional.of(retryAfter)));
        };
    }
}
