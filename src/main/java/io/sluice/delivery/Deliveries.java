package io.sluice.delivery;

import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.operator.Attribution;
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

/**
 * The deliveries that callers and admins see: accepts calls, finds them, and redrives, deletes, pauses and drains.
 * Thread-safe.
 */
@ApplicationScoped
public class Deliveries {
    /** The {@code Retry-After} of a full queue: about the time that some hundred calls take to be delivered. */
    private static final Duration COME_BACK = Duration.ofSeconds(5);

    /** The {@code Retry-After} of a drained queue: not soon. */
    private static final Duration DRAINED = Duration.ofSeconds(60);

    private static final int REDRIVE_BATCH = 500;

    private final DeliveryQueue queue;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final Ulids ids;

    Deliveries(DeliveryQueue queue, DeliveriesConfig config, InstantSource clock, Ulids ids) {
        this.queue = queue;
        this.config = config;
        this.clock = clock;
        this.ids = ids;
    }

    /** The outcome of accepting a call. */
    public sealed interface Acceptance {
        /** It is stored, durably. */
        record Stored(String id) implements Acceptance {}

        /** There is no room for it, and nothing of it is stored. */
        record Refused(String why, Duration retryAfter) implements Acceptance {}
    }

    /**
     * Accepts a call as messages, all of them or none. Waits until they are durable.
     *
     * @throws StoreUnavailableException if the database is unavailable; the messages may be stored all the same
     */
    public Acceptance accept(Destination destination, String team, List<Message> messages) throws InterruptedException {
        if (queue.modes().of(destination) == Mode.DRAINING) {
            return new Acceptance.Refused(
                    "deliveries to this account are being drained: no new call is accepted", DRAINED);
        }
        long now = clock.millis();
        Delivery delivery = new Delivery(
                "dlv_" + ids.next(),
                destination,
                team,
                messages,
                now,
                now + config.maxAge().toMillis());
        GroupCommit.Accepted accepted;
        try {
            accepted = queue.groupCommit().add(delivery).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
        return switch (accepted) {
            case STORED -> {
                queue.workers().wake();
                yield new Acceptance.Stored(delivery.id());
            }
            case QUEUE_FULL ->
                new Acceptance.Refused("the team's queue is full: too many messages wait for delivery", COME_BACK);
            case BUSY -> new Acceptance.Refused("too many messages are being stored at the moment", COME_BACK);
        };
    }

    /** One accepted call, as far as its messages are still stored. */
    public record StoredDelivery(
            String id, Destination destination, String team, Instant acceptedAt, List<MessageStatus> messages) {}

    /**
     * A message of an accepted call.
     *
     * @param payload the content to deliver; absent once it is delivered. Holds the caller's data, personal data among
     *     it
     * @param endedAt when it was delivered or dead-lettered, if it was
     */
    public record MessageStatus(
            int position,
            String operation,
            State state,
            @Nullable String reason,
            int attempts,
            @Nullable Instant endedAt,
            @Nullable String payload) {}

    /** The state of a message. */
    public enum State {
        QUEUED,
        DELIVERED,
        DEAD
    }

    /** Finds an accepted call. */
    public Optional<StoredDelivery> find(String id) {
        return groupByCall(queue.admin().find(id)).stream().findFirst();
    }

    /** A page of dead letters, joined into the calls that they were part of, and the cursor of the next page; null at the end. */
    public record Page(
            List<StoredDelivery> deliveries, @Nullable String next) {}

    /**
     * Lists dead letters, the oldest first.
     *
     * @param filter the destinations and teams to list
     * @param after the cursor of the page before; null for the first page
     */
    public Page dead(Predicate<Queue> filter, @Nullable String after, int most) {
        String[] place = (after == null ? "" : after).split(":", 2);
        int position = place.length == 2 ? Integer.parseInt(place[1]) : -1;
        List<MessageAdmin.StoredMessage> found = queue.admin().findDead(queueNumbers(filter), place[0], position, most);
        String next = found.size() < most
                ? null
                : found.getLast().id() + ":" + found.getLast().position();
        return new Page(groupByCall(found), next);
    }

    /** Redrives the dead letters of a call: puts them at the end of the queue, and returns how many there were. */
    public int redrive(String id) {
        return redriven(queue.admin().find(id).stream()
                .filter(message -> message.state().equals("dead"))
                .toList());
    }

    /** Redrives all dead letters whose reason contains a text, and returns how many there were. */
    public int redrive(Predicate<Queue> filter, String reason) {
        List<Integer> queueNumbers = queueNumbers(filter);
        int redriven = 0;
        String id = "";
        int position = -1;
        while (true) {
            List<MessageAdmin.StoredMessage> found = queue.admin().findDead(queueNumbers, id, position, REDRIVE_BATCH);
            redriven += redriven(found.stream()
                    .filter(message ->
                            message.reason() != null && message.reason().contains(reason))
                    .toList());
            if (found.size() < REDRIVE_BATCH) {
                return redriven;
            }
            id = found.getLast().id();
            position = found.getLast().position();
        }
    }

    /**
     * Deletes a call's dead letters, and cancels its waiting messages that no worker has claimed.
     *
     * @return how many messages there were
     */
    public int delete(String id) {
        List<MessageAdmin.StoredMessage> found = queue.admin().find(id);
        List<MessageAdmin.StoredMessage> dead =
                found.stream().filter(message -> message.state().equals("dead")).toList();
        List<MessageAdmin.StoredMessage> waiting = found.stream()
                .filter(message -> message.state().equals("queued"))
                .toList();
        return queue.admin().delete(dead) + queue.admin().cancel(waiting);
    }

    /**
     * The queue of a team at a destination.
     *
     * @param mode the mode of its account, and {@code attribution} its author, if an admin has set it
     * @param queued messages that wait; {@code inFlight} is how many are being delivered
     * @param oldestAcceptedAt when the oldest of them was accepted
     */
    public record Queue(
            Destination destination,
            String team,
            Mode mode,
            @Nullable Attribution attribution,
            long queued,
            long inFlight,
            long dead,
            @Nullable Instant oldestAcceptedAt) {}

    /** Every team's queue at every destination that it has used. */
    public List<Queue> queues() {
        return queue.stats().states().stream().map(this::queue).toList();
    }

    /** Pauses, drains or resumes an account's deliveries, in every process and over restarts. Waits for the store. */
    public void set(AccountId account, Mode mode, Attribution attribution) {
        queue.modes().set(account, mode, attribution);
        queue.workers().wake();
    }

    /** The mode of an account's deliveries. */
    public Mode mode(AccountId account) {
        return queue.modes().of(account);
    }

    private Queue queue(QueueStats.QueueState state) {
        return new Queue(
                state.queue().destination(),
                state.queue().team(),
                queue.modes().of(state.queue().destination()),
                queue.modes().attribution(state.queue().destination()).orElse(null),
                state.queued(),
                state.inFlight(),
                state.dead(),
                state.oldestAcceptedAt().isPresent()
                        ? Instant.ofEpochMilli(state.oldestAcceptedAt().getAsLong())
                        : null);
    }

    private List<Integer> queueNumbers(Predicate<Queue> filter) {
        return queue.stats().states().stream()
                .filter(state -> filter.test(queue(state)))
                .map(state -> state.queue().number())
                .toList();
    }

    private int redriven(List<MessageAdmin.StoredMessage> dead) {
        if (dead.isEmpty()) {
            return 0;
        }
        long now = clock.millis();
        int redriven = queue.admin().redrive(dead, now, now + config.maxAge().toMillis());
        queue.workers().wake();
        return redriven;
    }

    private static List<StoredDelivery> groupByCall(List<MessageAdmin.StoredMessage> messages) {
        List<StoredDelivery> deliveries = new ArrayList<>();
        List<MessageStatus> statuses = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            MessageAdmin.StoredMessage message = messages.get(i);
            statuses.add(status(message));
            if (i + 1 == messages.size() || !messages.get(i + 1).id().equals(message.id())) {
                deliveries.add(new StoredDelivery(
                        message.id(),
                        message.destination(),
                        message.team(),
                        Instant.ofEpochMilli(message.acceptedAt()),
                        List.copyOf(statuses)));
                statuses.clear();
            }
        }
        return deliveries;
    }

    private static MessageStatus status(MessageAdmin.StoredMessage message) {
        State state = switch (message.state()) {
            case "queued" -> State.QUEUED;
            case "delivered" -> State.DELIVERED;
            default -> State.DEAD;
        };
        return new MessageStatus(
                message.position(),
                message.operation(),
                state,
                message.reason(),
                message.attempts(),
                state == State.QUEUED ? null : Instant.ofEpochMilli(message.endedAt()),
                message.payload());
    }
}
