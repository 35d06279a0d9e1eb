package io.sluice.gateway;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import io.sluice.AccountId;
import io.sluice.budget.Ticker;
import io.sluice.call.CallMeters;
import io.sluice.delivery.Deliveries;
import io.sluice.delivery.Deliveries.Queue;
import io.sluice.delivery.DeliveryMeters;
import io.sluice.delivery.Destination;
import io.sluice.delivery.MessageSender;
import io.sluice.metrics.Cached;
import io.sluice.saas.Vendor;
import io.sluice.store.StoreUnavailableException;
import io.sluice.team.Teams;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.metrics.Tag;

/**
 * The gauges of deliveries: waiting messages and dead letters, for each team and account, read whenever the metrics are
 * scraped. Every process shows the same queue: the database's.
 */
@Singleton
public class DeliveryGauges {
    void show(
            @Observes StartupEvent starting,
            @All List<MessageSender> senders,
            @All List<Vendor> vendors,
            Teams teams,
            Deliveries deliveries,
            DeliveryMeters counts,
            CallMeters meters,
            Ticker ticker,
            InstantSource clock) {
        Snapshot queues = new Snapshot(deliveries, ticker);
        for (MessageSender sender : senders) {
            String mount = sender.vendor() + "/" + sender.destination();
            vendors.stream()
                    .flatMap(vendor -> vendor.surfaces().stream())
                    .filter(surface -> surface.mount().equals(mount))
                    .flatMap(surface -> surface.accounts().keySet().stream())
                    .flatMap(account -> teams.all().keySet().stream()
                            .map(team -> new Place(
                                    new Destination(new AccountId(sender.vendor(), account), sender.destination()),
                                    team)))
                    .forEach(place -> {
                        show(meters, queues, clock, place);
                        counts.show(place.destination(), place.team());
                    });
        }
    }

    private static void show(CallMeters meters, Snapshot queues, InstantSource clock, Place place) {
        Tag[] tags = {
            new Tag("vendor", place.destination().account().vendor()),
            new Tag("account", place.destination().account().account()),
            new Tag("channel", place.destination().name()),
            new Tag("team", place.team())
        };
        gauge(meters, queues, place, "sluice_delivery_pending", "Messages that wait", Queue::queued, tags);
        gauge(meters, queues, place, "sluice_delivery_in_flight", "Messages in delivery", Queue::inFlight, tags);
        gauge(meters, queues, place, "sluice_delivery_dead", "Dead letters", Queue::dead, tags);
        gauge(
                meters,
                queues,
                place,
                "sluice_delivery_oldest_age_seconds",
                "Age of the oldest message that waits",
                queue -> Optional.ofNullable(queue.oldestAcceptedAt())
                        .map(oldest -> Math.max(0, clock.millis() - oldest.toEpochMilli()) / 1e3)
                        .orElse(0.0),
                tags);
    }

    private static void gauge(
            CallMeters meters,
            Snapshot queues,
            Place place,
            String name,
            String description,
            ToDoubleFunction<Queue> value,
            Tag[] tags) {
        meters.gauge(name, description, queues, seen -> seen.of(place, value), tags);
    }

    private record Place(Destination destination, String team) {
        private boolean isOf(Queue queue) {
            return queue.destination().equals(destination) && queue.team().equals(team);
        }
    }

    /** The queues, read once for all the gauges of one scrape. */
    private static final class Snapshot {
        private final Cached<Optional<List<Queue>>> queues;

        Snapshot(Deliveries deliveries, Ticker ticker) {
            queues = Cached.perScrape(() -> read(deliveries), ticker);
        }

        /** Returns the gauge's value; not a number while the database is away. */
        double of(Place place, ToDoubleFunction<Queue> value) {
            return queues.get()
                    .map(all -> all.stream()
                            .filter(place::isOf)
                            .mapToDouble(value)
                            .findFirst()
                            .orElse(0))
                    .orElse(Double.NaN);
        }

        private static Optional<List<Queue>> read(Deliveries deliveries) {
            try {
                return Optional.of(deliveries.queues());
            } catch (StoreUnavailableException unavailable) {
                // The delivery workers and the acceptance of deliveries log the same failure.
                return Optional.empty();
            }
        }
    }
}
