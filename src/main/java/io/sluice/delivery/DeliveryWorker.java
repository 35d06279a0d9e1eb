package io.sluice.delivery;

import io.sluice.FailureLog;
import io.sluice.Ulids;
import io.sluice.budget.window.Backoff;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.store.LeaseKeeper;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * The delivery worker of one queue: claims messages, delivers and settles them, one claim after another. Thread-safe:
 * several threads may run it at once.
 */
final class DeliveryWorker {
    private static final Logger LOG = Logger.getLogger(DeliveryWorker.class);

    private final FailureLog failures = new FailureLog(LOG);

    private final QueueId queue;
    private final MessageSender sender;
    private final WorkerContext context;

    private volatile long pausedUntil;
    private volatile int claimSize;
    private int throttledInARow; // guarded by this; how often in a row the destination took no message

    DeliveryWorker(QueueId queue, MessageSender sender, WorkerContext context) {
        this.queue = queue;
        this.sender = sender;
        this.context = context;
        this.claimSize = context.config().claimSize();
    }

    /** The identity of a queue: a team's messages to one destination. */
    record QueueId(int number, Destination destination, String team) {}

    /** The collaborators that all workers share. */
    record WorkerContext(
            MessageClaimer claimer,
            MessageSettler settler,
            LeaseKeeper leases,
            Backoff backoff,
            DeliveriesConfig config,
            InstantSource clock,
            Ulids ids,
            Modes modes,
            DeliveryMeters meters) {}

    QueueId queue() {
        return queue;
    }

    /** True if the destination is not throttled, as far as is known, and its account is not paused. */
    boolean isAvailable() {
        return context.clock().millis() >= pausedUntil && context.modes().isDelivering(queue.destination());
    }

    /** Claims and delivers once; true if there may be more to deliver at once. */
    boolean claimAndDeliver() throws InterruptedException {
        long now = context.clock().millis();
        if (!isAvailable()) {
            return false;
        }
        String token = context.ids().next();
        int most = claimSize;
        MessageClaimer.ClaimResult claimed;
        try (LeaseKeeper.Lease lease =
                context.leases().hold(token, token, context.leases().end()).orElseThrow()) {
            claimed = context.claimer()
                    .claim(
                            queue.number(),
                            token,
                            now,
                            lease.until().toEpochMilli(),
                            now + context.config().pollInterval().toMillis(),
                            most);
            List<ClaimedMessage> live = dropExpired(token, claimed.messages(), now);
            List<List<ClaimedMessage>> batches = BatchPacker.pack(sender, live);
            tuneClaimSize(claimed, batches);
            try {
                deliver(token, lease, claimed.messages().size() < most ? batches : dropPartialBatch(token, batches));
            } catch (StoreUnavailableException e) {
                // The ordering groups come back when the lease ends; messages that were delivered are then delivered
                // again, which their ids make harmless.
                LOG.debugf(
                        "delivery round failed: team=%s destination=%s: %s",
                        queue.team(), queue.destination(), e.getMessage());
                pauseFor(context.backoff().after(0));
                return false;
            }
        }
        return claimed.more() && isAvailable();
    }

    /** Dead-letters the messages that have expired. */
    private List<ClaimedMessage> dropExpired(String token, List<ClaimedMessage> messages, long now) {
        List<ClaimedMessage> old =
                messages.stream().filter(message -> message.expiresAt() <= now).toList();
        if (old.isEmpty()) {
            return messages;
        }
        long until = now + context.config().deadLetterRetention().toMillis();
        context.meters().expired(queue, old.size());
        context.settler()
                .settle(
                        token,
                        old.stream()
                                .map(message -> new MessageSettler.Settlement.DeadLetter(
                                        message,
                                        "expired: not delivered within "
                                                + context.config().maxAge(),
                                        until))
                                .toList(),
                        now);
        return messages.stream().filter(message -> message.expiresAt() > now).toList();
    }

    /**
     * Tunes the number of messages to claim to about one batch, so that few are claimed in vain, and to more where all
     * that were claimed must wait for other ordering groups.
     */
    private void tuneClaimSize(MessageClaimer.ClaimResult claimed, List<List<ClaimedMessage>> batches) {
        int largest = batches.stream().mapToInt(List::size).max().orElse(0);
        int most = context.config().claimSize();
        boolean noneReady = claimed.more() && claimed.messages().isEmpty();
        if (batches.size() > 1) {
            claimSize = Math.clamp(largest + 1L, 1, most);
        } else if (largest == claimSize || noneReady) {
            claimSize = Math.min(most, claimSize * 2);
        }
    }

    /** Releases the messages of a further batch that is not full: more are waiting, and a call costs a permit. */
    private List<List<ClaimedMessage>> dropPartialBatch(String token, List<List<ClaimedMessage>> batches) {
        long count = batches.stream()
                .filter(batch -> sender.isBatchable(batch.getFirst().kind()))
                .count();
        if (count < 2) {
            return batches;
        }
        context.claimer().release(token, batches.getLast(), context.clock().millis());
        return batches.subList(0, batches.size() - 1);
    }

    private void deliver(String token, LeaseKeeper.Lease lease, List<List<ClaimedMessage>> batches)
            throws InterruptedException {
        for (int i = 0; i < batches.size(); i++) {
            if (!isAvailable()
                    || Thread.currentThread().isInterrupted()
                    || !deliverBatch(token, lease, batches.get(i))) {
                List<ClaimedMessage> rest = batches.subList(i, batches.size()).stream()
                        .flatMap(List::stream)
                        .toList();
                context.claimer()
                        .release(
                                token,
                                rest,
                                Math.max(pausedUntil, context.clock().millis()));
                return;
            }
        }
    }

    /** Delivers a batch, unless its lease has ended. */
    private boolean deliverBatch(String token, LeaseKeeper.Lease lease, List<ClaimedMessage> batch)
            throws InterruptedException {
        List<DeliveryOutcome> outcomes;
        try {
            outcomes = sender.deliver(
                    queue.destination(), queue.team(), context.config().permitTimeout(), lease::isValid, batch);
            failures.succeeded(name());
        } catch (CallAbandonedException e) {
            LOG.warnf(
                    "delivery lease expired before sending: messages=%d team=%s destination=%s",
                    batch.size(), queue.team(), queue.destination());
            return false;
        } catch (RuntimeException e) {
            failures.failed(name(), () -> String.valueOf(e.getMessage()), e);
            outcomes = batch.stream()
                    .<DeliveryOutcome>map(message -> new DeliveryOutcome.Retry(
                            "Sluice failed: " + e.getClass().getSimpleName()))
                    .toList();
        }
        long now = context.clock().millis();
        recordThrottling(outcomes);
        context.meters().recordAttempt(queue, outcomes);
        List<MessageSettler.Settlement> settlements = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            settlements.add(settlement(batch.get(i), outcomes.get(i), now));
        }
        context.settler().settle(token, settlements, now);
        return true;
    }

    private String name() {
        return "delivery of team " + queue.team() + " to " + queue.destination();
    }

    private MessageSettler.Settlement settlement(ClaimedMessage message, DeliveryOutcome outcome, long now) {
        return switch (outcome) {
            case DeliveryOutcome.Delivered() ->
                new MessageSettler.Settlement.Ack(
                        message, now + context.config().deliveredRetention().toMillis());
            case DeliveryOutcome.Rejected(String reason) ->
                new MessageSettler.Settlement.DeadLetter(
                        message,
                        reason,
                        now + context.config().deadLetterRetention().toMillis());
            case DeliveryOutcome.Retry _ ->
                new MessageSettler.Settlement.Requeue(
                        message,
                        now + context.backoff().after(message.failures()).toMillis(),
                        true);
            case DeliveryOutcome.Throttled _ ->
                new MessageSettler.Settlement.Requeue(message, Math.max(now, pausedUntil), false);
        };
    }

    /**
     * Pauses a destination that takes no messages, so that messages do not fail one batch after another; each further
     * throttling doubles the pause. Workers that were under way together receive the same outcome, which counts once.
     */
    private synchronized void recordThrottling(List<DeliveryOutcome> outcomes) {
        List<DeliveryOutcome.Throttled> throttled = outcomes.stream()
                .filter(DeliveryOutcome.Throttled.class::isInstance)
                .map(DeliveryOutcome.Throttled.class::cast)
                .toList();
        if (throttled.isEmpty()) {
            throttledInARow = 0;
            return;
        }
        Duration longest = throttled.stream()
                .map(DeliveryOutcome.Throttled::pause)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        if (throttled.stream().anyMatch(DeliveryOutcome.Throttled::backOff)
                && context.clock().millis() >= pausedUntil) {
            Duration backoff = context.backoff().after(throttledInARow++);
            longest = backoff.compareTo(longest) > 0 ? backoff : longest;
        }
        pauseFor(longest);
    }

    private synchronized void pauseFor(Duration wait) {
        pausedUntil = Math.max(pausedUntil, context.clock().millis() + wait.toMillis());
    }
}
