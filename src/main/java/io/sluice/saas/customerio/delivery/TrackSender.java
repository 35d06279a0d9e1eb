package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.budget.Priority;
import io.sluice.delivery.ClaimedMessage;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.delivery.Destination;
import io.sluice.delivery.MessageSender;
import io.sluice.saas.Surface;
import io.sluice.saas.VendorClient;
import io.sluice.saas.customerio.Customerio;
import io.sluice.saas.customerio.CustomerioConfig;
import io.sluice.saas.customerio.Json;
import io.sluice.saas.customerio.delivery.BatchDelivery.ParsedResponse;
import io.sluice.saas.customerio.delivery.BatchDelivery.Reasons;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The sender of messages to the Track API: operations in batches of v2, merges and calls of v1 one by one. */
@Singleton
public class TrackSender implements MessageSender {
    private static final DeliveryOutcome OUTCOME_UNKNOWN = new DeliveryOutcome.Rejected(
            "outcome unknown: the vendor may have executed it, and a repeat is unsafe; check there, then replay or delete it");

    private final Surface surface;
    private final VendorClient calls;
    private final CustomerioConfig config;

    TrackSender(Customerio customerio, VendorClient calls, CustomerioConfig config) {
        this.surface = customerio.surface(TrackAsyncPolicy.DESTINATION);
        this.calls = calls;
        this.config = config;
    }

    @Override
    public String vendor() {
        return Customerio.NAME;
    }

    @Override
    public String destination() {
        return TrackAsyncPolicy.DESTINATION;
    }

    @Override
    public boolean isBatchable(String kind) {
        return kind.equals(TrackAsyncPolicy.ENTITY);
    }

    @Override
    public int maxBatchBytes() {
        return SizeLimits.BATCH - BatchDelivery.FRAME;
    }

    @Override
    public int overhead() {
        return 1;
    }

    @Override
    public List<DeliveryOutcome> deliver(
            Destination destination,
            String team,
            Duration maxWait,
            BooleanSupplier leaseValid,
            List<ClaimedMessage> messages)
            throws InterruptedException {
        if (surface.account(destination.account().account()).isEmpty()) {
            return Collections.nCopies(
                    messages.size(),
                    new DeliveryOutcome.Throttled(maxWait, false, "the account is no longer configured"));
        }
        VendorClient.CallerContext caller = new VendorClient.CallerContext(
                        team, surface, destination.account().account(), Priority.BULK, maxWait)
                .whileLeased(leaseValid);
        return switch (messages.getFirst().kind()) {
            case TrackAsyncPolicy.MERGE -> List.of(merge(caller, messages.getFirst()));
            case TrackAsyncPolicy.CALL -> List.of(call(caller, messages.getFirst()));
            default -> batch(caller, destination, messages);
        };
    }

    private List<DeliveryOutcome> batch(
            VendorClient.CallerContext caller, Destination destination, List<ClaimedMessage> messages)
            throws InterruptedException {
        Set<String> passing = Optional.ofNullable(
                        config.accounts().get(destination.account().account()))
                .map(CustomerioConfig.Account::transientReasons)
                .orElse(Set.of());
        return new BatchDelivery(
                        batch -> ResponseParser.parse(calls.make(caller, "POST", "/api/v2/batch", batch)), passing)
                .deliver(messages.stream().map(ClaimedMessage::payload).toList());
    }

    private DeliveryOutcome merge(VendorClient.CallerContext caller, ClaimedMessage message)
            throws InterruptedException {
        if (message.maybeDelivered()) {
            return OUTCOME_UNKNOWN;
        }
        byte[] body = message.payload().getBytes(StandardCharsets.UTF_8);
        DeliveryOutcome outcome = alone(ResponseParser.parse(calls.make(caller, "POST", "/api/v2/entity", body)));
        return outcome instanceof DeliveryOutcome.Retry ? OUTCOME_UNKNOWN : outcome;
    }

    private DeliveryOutcome call(VendorClient.CallerContext caller, ClaimedMessage message)
            throws InterruptedException {
        ObjectNode call = Json.parse(message.payload());
        byte[] body = Json.text(call.path("body")).getBytes(StandardCharsets.UTF_8);
        return alone(ResponseParser.parse(calls.make(
                caller, call.path("method").asText(), call.path("target").asText(), body)));
    }

    private static DeliveryOutcome alone(ParsedResponse response) {
        return switch (response) {
            case ParsedResponse.Failure(DeliveryOutcome outcome) -> outcome;
            case ParsedResponse.Answered(int status, String body) ->
                status < 300 ? new DeliveryOutcome.Delivered() : new DeliveryOutcome.Rejected(Reasons.of(status, body));
        };
    }
}
