package io.sluice.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.sluice.delivery.Deliveries;
import io.sluice.delivery.Deliveries.MessageStatus;
import io.sluice.delivery.Deliveries.State;
import io.sluice.delivery.Deliveries.StoredDelivery;
import io.sluice.delivery.Mode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A delivery, as the API shows it. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "Delivery")
public record DeliveryView(
        String id,
        String vendor,
        String account,
        String channel,
        String team,

        @Schema(
                description = "queued while a message waits",
                enumeration = {"queued", "delivered", "dead", "partly-dead"})
        String state,

        Instant acceptedAt,
        int queued,
        int delivered,
        int dead,

        @Schema(description = "the messages that could not be delivered")
        List<DeadLetter> deadLetters) {
    /** A message that could not be delivered: a dead letter. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "DeadLetter")
    public record DeadLetter(
            @Schema(description = "its place in the call") int position,

            String operation,
            @Nullable String reason,
            int attempts,
            @Nullable Instant endedAt,

            @Schema(description = "the message's content; for admins only") @Nullable
            String payload) {}

    /** A page of deliveries with dead letters. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "Deliveries")
    public record Page(
            List<DeliveryView> deliveries,

            @Schema(description = "the value of cursor for the next page, if there is one") @Nullable
            String cursor) {}

    /** A team's queue at one API of an account. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "DeliveryQueue")
    public record Queue(
            String vendor,
            String account,
            String channel,
            String team,
            long pending,
            long inFlight,
            long dead,

            @Schema(description = "whether the account, or delivery to it, is paused")
            boolean paused,

            @Schema(description = "whether waiting messages are delivered, and no more are accepted")
            boolean draining,

            @Schema(
                    description = "who paused or drains deliveries to the account, when, why and until when; absent"
                            + " unless an admin did")
            @Nullable
            SettingView change,

            @Nullable Instant oldestAcceptedAt,
            @Nullable Long oldestAgeMs) {}

    /** @param payloads whether to show the messages' content */
    static DeliveryView of(StoredDelivery delivery, boolean payloads) {
        int queued = count(delivery, State.QUEUED);
        int delivered = count(delivery, State.DELIVERED);
        int dead = count(delivery, State.DEAD);
        return new DeliveryView(
                delivery.id(),
                delivery.destination().account().vendor(),
                delivery.destination().account().account(),
                delivery.destination().name(),
                delivery.team(),
                queued > 0 ? "queued" : dead == 0 ? "delivered" : delivered == 0 ? "dead" : "partly-dead",
                delivery.acceptedAt(),
                queued,
                delivered,
                dead,
                delivery.messages().stream()
                        .filter(message -> message.state() == State.DEAD)
                        .map(message -> dead(message, payloads))
                        .toList());
    }

    static Queue of(Deliveries.Queue queue, boolean paused, Instant now) {
        return new Queue(
                queue.destination().account().vendor(),
                queue.destination().account().account(),
                queue.destination().name(),
                queue.team(),
                queue.queued(),
                queue.inFlight(),
                queue.dead(),
                paused || queue.mode() == Mode.PAUSED,
                queue.mode() == Mode.DRAINING,
                SettingView.of(queue.attribution()),
                queue.oldestAcceptedAt(),
                Optional.ofNullable(queue.oldestAcceptedAt())
                        .map(oldest -> Math.max(0, now.toEpochMilli() - oldest.toEpochMilli()))
                        .orElse(null));
    }

    private static int count(StoredDelivery delivery, State state) {
        return (int) delivery.messages().stream()
                .filter(message -> message.state() == state)
                .count();
    }

    private static DeadLetter dead(MessageStatus message, boolean payloads) {
        return new DeadLetter(
                message.position(),
                message.operation(),
                message.reason(),
                message.attempts(),
                message.endedAt(),
                payloads ? message.payload() : null);
    }
}
