package io.sluice.delivery;

import io.smallrye.metrics.SharedMetricRegistries;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Tag;

/** What is counted about deliveries. Every tag has its values from the configuration or a closed list. Thread-safe. */
@Singleton
public class DeliveryMeters {
    private static final Metadata MESSAGES = described("sluice_delivery_messages", "Messages by what became of a try");
    private static final Metadata BATCHES = described("sluice_delivery_batch_size", "Messages in a call to the vendor");

    private final MetricRegistry registry = SharedMetricRegistries.getOrCreate(MetricRegistry.APPLICATION_SCOPE);

    /** What became of a letter that was tried. */
    enum Result {
        DELIVERED,
        DEAD,
        RETRIED,
        DEFERRED,
        EXPIRED;

        private static Result of(Fate fate) {
            return switch (fate) {
                case Fate.Delivered _ -> DELIVERED;
                case Fate.Dead _ -> DEAD;
                case Fate.Again _ -> RETRIED;
                case Fate.NotNow _ -> DEFERRED;
            };
        }
    }

    /** Shows a team's counters at a channel before there is anything to count. */
    public void show(Channel channel, String team) {
        registry.histogram(BATCHES, tags(channel, team));
        for (Result result : Result.values()) {
            count(channel, team, result, 0);
        }
    }

    /** Counts a call to a carrier, and what became of what it carried. */
    void carried(Courier.Flow flow, Collection<Fate> fates) {
        registry.histogram(BATCHES, tags(flow.channel(), flow.team())).update(fates.size());
        Map<Result, Long> counts = fates.stream().collect(Collectors.groupingBy(Result::of, Collectors.counting()));
        counts.forEach((result, letters) -> count(flow.channel(), flow.team(), result, letters));
    }

    /** Counts letters that grew too old. */
    void expired(Courier.Flow flow, int letters) {
        count(flow.channel(), flow.team(), Result.EXPIRED, letters);
    }

    private void count(Channel channel, String team, Result result, long letters) {
        Tag[] where = tags(channel, team);
        registry.counter(
                        MESSAGES,
                        where[0],
                        where[1],
                        where[2],
                        where[3],
                        new Tag("result", result.name().toLowerCase(Locale.ROOT)))
                .inc(letters);
    }

    private static Tag[] tags(Channel channel, String team) {
        return new Tag[] {
            new Tag("vendor", channel.vendor()),
            new Tag("account", channel.account()),
            new Tag("channel", channel.name()),
            new Tag("team", team)
        };
    }

    private static Metadata described(String name, String description) {
        return Metadata.builder()
                .withName(name)
                .withDescription(description)
                .withUnit(MetricUnits.NONE)
                .build();
    }
}
