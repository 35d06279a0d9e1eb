package io.sluice.delivery;

import io.sluice.metrics.Metrics;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.Tag;

/** The metrics of deliveries. Every tag has its values from the configuration or a closed list. Thread-safe. */
@Singleton
public class DeliveryMeters {
    private static final Metadata MESSAGES =
            Metrics.described("sluice_delivery_messages", "Messages by what became of a try");
    private static final Metadata BATCHES =
            Metrics.described("sluice_delivery_batch_size", "Messages in a call to the vendor");

    private final Metrics registry = new Metrics();

    /** The result of a message that was tried, as a metric's tag. */
    enum Result {
        DELIVERED,
        DEAD,
        RETRIED,
        DEFERRED,
        EXPIRED;

        private static Result of(DeliveryOutcome outcome) {
            return switch (outcome) {
                case DeliveryOutcome.Delivered _ -> DELIVERED;
                case DeliveryOutcome.Rejected _ -> DEAD;
                case DeliveryOutcome.Retry _ -> RETRIED;
                case DeliveryOutcome.Throttled _ -> DEFERRED;
            };
        }
    }

    /** Registers a team's counters at a destination, so that they are shown before the first message. */
    public void show(Destination destination, String team) {
        registry.histogram(BATCHES, tags(destination, team));
        for (Result result : Result.values()) {
            count(destination, team, result, 0);
        }
    }

    /** Counts a call to a sender, and the outcomes of its messages. */
    void recordAttempt(DeliveryWorker.QueueId queue, Collection<DeliveryOutcome> outcomes) {
        registry.histogram(BATCHES, tags(queue.destination(), queue.team())).update(outcomes.size());
        Map<Result, Long> counts = outcomes.stream().collect(Collectors.groupingBy(Result::of, Collectors.counting()));
        counts.forEach((result, messages) -> count(queue.destination(), queue.team(), result, messages));
    }

    /** Counts messages that expired. */
    void expired(DeliveryWorker.QueueId queue, int messages) {
        count(queue.destination(), queue.team(), Result.EXPIRED, messages);
    }

    private void count(Destination destination, String team, Result result, long messages) {
        Tag[] where = tags(destination, team);
        registry.counter(
                        MESSAGES,
                        where[0],
                        where[1],
                        where[2],
                        where[3],
                        new Tag("result", result.name().toLowerCase(Locale.ROOT)))
                .inc(messages);
    }

    private static Tag[] tags(Destination destination, String team) {
        return new Tag[] {
            new Tag("vendor", destination.account().vendor()),
            new Tag("account", destination.account().account()),
            new Tag("channel", destination.name()),
            new Tag("team", team)
        };
    }
}
