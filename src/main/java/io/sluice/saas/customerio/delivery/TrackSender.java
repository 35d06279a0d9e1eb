package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.delivery.ClaimedMessage;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.delivery.Destination;
import io.sluice.saas.VendorClient;
import io.sluice.saas.customerio.Customerio;
import io.sluice.saas.customerio.CustomerioConfig;
import io.sluice.saas.customerio.CustomerioJson;
import io.sluice.saas.customerio.delivery.BatchDelivery.ParsedResponse;
import io.sluice.saas.customerio.delivery.BatchDelivery.Reasons;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The sender of messages to the Track API: operations in batches of v2, merges and calls of v1 one by one. */
@Singleton
public class TrackSender extends BatchSender {
    private static final DeliveryOutcome OUTCOME_UNKNOWN = new DeliveryOutcome.Rejected(
            "outcome unknown: the vendor may have executed it, and a repeat is unsafe; check there, then replay or delete it");

    private final VendorClient calls;
    private final CustomerioConfig config;

    TrackSender(Customerio customerio, VendorClient calls, CustomerioConfig config) {
        super(customerio.surface(TrackAsyncPolicy.DESTINATION), calls);
        this.calls = calls;
        this.config = config;
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
    List<DeliveryOutcome> send(
            VendorClient.CallerContext caller, Destination destination, List<ClaimedMessage> messages)
            throws InterruptedException {
        return switch (messages.getFirst().kind()) {
            case TrackAsyncPolicy.MERGE -> List.of(merge(caller, messages.getFirst()));
            case TrackAsyncPolicy.CALL -> List.of(call(caller, messages.getFirst()));
            default -> batch(caller, "/api/v2/batch", transientReasons(destination), messages);
        };
    }

    private Set<String> transientReasons(Destination destination) {
        CustomerioConfig.Account account =
                config.accounts().get(destination.account().account());
        return account == null ? Set.of() : account.transientReasons();
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
        ObjectNode call = CustomerioJson.parse(message.payload());
        byte[] body = CustomerioJson.text(call.path("body")).getBytes(StandardCharsets.UTF_8);
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
