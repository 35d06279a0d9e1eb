package io.sluice.delivery;

import io.sluice.Ulids;
import io.sluice.store.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Accepts work, and tells what became of it. Thread-safe. */
@ApplicationScoped
public class Deliveries {
    /** When to come back where something is full: about the time that some hundred calls take to be delivered. */
    private static final Duration COME_BACK = Duration.ofSeconds(5);

    /** When to come back where an admin lets a queue run dry: not soon. */
    private static final Duration DRAINED = Duration.ofSeconds(60);

    private static final int REPLAYED_TOGETHER = 500;

    private final Depot depot;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final Ulids ids;

    Deliveries(Depot depot, DeliveriesConfig config, InstantSource clock, Ulids ids) {
        this.depot = depot;
        this.config = config;
        this.clock = clock;
        this.ids = ids;
    }

    /** What became of work that somebody wants to hand over. */
    public sealed interface Acceptance {
        /** It is on the disk. */
        record Stored(String id) implements Acceptance {}

        /** There is no room for it, and nothing of it is kept. */
        record Refused(String why, Duration retryAfter) implements Acceptance {}
    }

    /**
     * Accepts a call as letters, all of them or none. Waits until they are on the disk.
     *
     * @throws StoreUnavailableException if the database is away; the letters may be stored all the same
     */
    public Acceptance accept(Channel channel, String team, List<Letter> letters) throws InterruptedException {
        if (depot.modes().of(channel) == Mode.DRAINING) {
            return new Acceptance.Refused("deliveries to this account are drained: nothing more is accepted", DRAINED);
        }
        long now = clock.millis();
        Parcel parcel = new Parcel(
                "dlv_" + ids.next(),
                channel,
                team,
                letters,
                now,
                now + config.maxAge().toMillis());
        Intake.Accepted accepted;
        try {
            accepted = depot.intake().add(parcel).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
        return switch (accepted) {
            case STORED -> {
                depot.couriers().wake();
                yield new Acceptance.Stored(parcel.id());
            }
            case FLOW_FULL -> new Acceptance.Refused("this team has too much waiting for delivery already", COME_BACK);
            case BUSY -> new Acceptance.Refused("too much is being stored at the moment", COME_BACK);
        };
    }

    /** One accepted call, as far as it is still known. */
    public record Delivery(String id, Channel channel, String team, Instant acceptedAt, List<Part> letters) {}

    /**
     * A letter of an accepted call.
     *
     * @param payload what was to be delivered; not there once it is. Holds what the caller sent, people's data among it
     * @param endedAt when it was delivered or given up, if it was
     */
    public record Part(
            int position,
            String operation,
            State state,
            Optional<String> reason,
            int attempts,
            Optional<Instant> endedAt,
            Optional<String> payload) {}

    /** Where a letter is. */
    public enum State {
        QUEUED,
        DELIVERED,
        DEAD
    }

    /** Looks an accepted call up. */
    public Optional<Delivery> find(String id) {
        return joined(depot.letters().of(id)).stream().findFirst();
    }

    /** Some dead letters, joined into the calls that they were part of, and where to go on. */
    public record Page(List<Delivery> deliveries, Optional<String> next) {}

    /**
     * Lists dead letters, the oldest first.
     *
     * @param whose the channels and teams to list
     * @param after where the page before ended
     */
    public Page dead(Predicate<Queue> whose, Optional<String> after, int most) {
        String[] place = after.orElse("").split(":", 2);
        int position = place.length == 2 ? Integer.parseInt(place[1]) : -1;
        List<DeadLetters.Found> found = depot.letters().dead(flows(whose), place[0], position, most);
        Optional<String> next = found.size() < most
                ? Optional.empty()
                : Optional.of(found.getLast().id() + ":" + found.getLast().position());
        return new Page(joined(found), next);
    }

    /** Puts the dead letters of a call back into the queue, at the end; tells how many there were. */
    public int replay(String id) {
        return replayed(depot.letters().of(id).stream()
                .filter(letter -> letter.state().equals("dead"))
                .toList());
    }

    /** Puts all dead letters back whose reason holds a text; tells how many there were. */
    public int replay(Predicate<Queue> whose, String reason) {
        List<Integer> flows = flows(whose);
        int replayed = 0;
        String id = "";
        int position = -1;
        while (true) {
            List<DeadLetters.Found> found = depot.letters().dead(flows, id, position, REPLAYED_TOGETHER);
            replayed += replayed(found.stream()
                    .filter(letter -> letter.reason() != null && letter.reason().contains(reason))
                    .toList());
            if (found.size() < REPLAYED_TOGETHER) {
                return replayed;
            }
            id = found.getLast().id();
            position = found.getLast().position();
        }
    }

    /**
     * Removes a call's dead letters, and takes back those that wait and that nobody delivers just now.
     *
     * @return how many letters there were
     */
    public int delete(String id) {
        List<DeadLetters.Found> found = depot.letters().of(id);
        List<DeadLetters.Found> dead =
                found.stream().filter(letter -> letter.state().equals("dead")).toList();
        List<DeadLetters.Found> waiting =
                found.stream().filter(letter -> letter.state().equals("queued")).toList();
        return depot.letters().delete(dead) + depot.letters().cancel(waiting);
    }

    /**
     * What a team has at a channel.
     *
     * @param mode what its account does
     * @param queued letters that wait; {@code inFlight} is how many are being delivered
     * @param oldestAcceptedAt when the oldest of them was accepted
     */
    public record Queue(
            Channel channel,
            String team,
            Mode mode,
            long queued,
            long inFlight,
            long dead,
            Optional<Instant> oldestAcceptedAt) {}

    /** Every team's queue at every channel that it has used. */
    public List<Queue> queues() {
        return depot.view().states().stream().map(this::queue).toList();
    }

    /** Has an account's deliveries pause, run dry, or go on as usual, in every process and over restarts. */
    public void set(String vendor, String account, Mode mode) {
        depot.modes().set(vendor, account, mode);
        depot.couriers().wake();
    }

    /** What an account's deliveries do. */
    public Mode mode(String vendor, String account) {
        return depot.modes().of(new Channel(vendor, account, ""));
    }

    private Queue queue(QueueView.State state) {
        return new Queue(
                state.flow().channel(),
                state.flow().team(),
                depot.modes().of(state.flow().channel()),
                state.queued(),
                state.inFlight(),
                state.dead(),
                state.oldestAcceptedAt().isPresent()
                        ? Optional.of(
                                Instant.ofEpochMilli(state.oldestAcceptedAt().getAsLong()))
                        : Optional.empty());
    }

    private List<Integer> flows(Predicate<Queue> whose) {
        return depot.view().states().stream()
                .filter(state -> whose.test(queue(state)))
                .map(state -> state.flow().number())
                .toList();
    }

    private int replayed(List<DeadLetters.Found> dead) {
        if (dead.isEmpty()) {
            return 0;
        }
        long now = clock.millis();
        int replayed = depot.letters().replay(dead, now, now + config.maxAge().toMillis());
        depot.couriers().wake();
        return replayed;
    }

    private static List<Delivery> joined(List<DeadLetters.Found> letters) {
        List<Delivery> deliveries = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < letters.size(); i++) {
            DeadLetters.Found letter = letters.get(i);
            parts.add(part(letter));
            if (i + 1 == letters.size() || !letters.get(i + 1).id().equals(letter.id())) {
                deliveries.add(new Delivery(
                        letter.id(),
                        letter.channel(),
                        letter.team(),
                        Instant.ofEpochMilli(letter.acceptedAt()),
                        List.copyOf(parts)));
                parts.clear();
            }
        }
        return deliveries;
    }

    private static Part part(DeadLetters.Found letter) {
        State state = switch (letter.state()) {
            case "queued" -> State.QUEUED;
            case "delivered" -> State.DELIVERED;
            default -> State.DEAD;
        };
        return new Part(
                letter.position(),
                letter.operation(),
                state,
                Optional.ofNullable(letter.reason()),
                letter.attempts(),
                state == State.QUEUED ? Optional.empty() : Optional.of(Instant.ofEpochMilli(letter.endedAt())),
                text(letter.payload()));
    }

    private static Optional<String> text(@Nullable String payload) {
        return Optional.ofNullable(payload);
    }
}
