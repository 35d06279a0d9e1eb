package io.sluice.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Group commit of accepted messages: while one transaction is being committed, the messages of the next one gather. So
 * a caller waits for at most two commits, however many callers there are. Thread-safe.
 */
final class GroupCommit {
    private final MessageAppender appender;
    private final Executor threads;
    private final DeliveriesConfig config;

    private final Queue<Pending> pending = new ArrayDeque<>(); // guarded by this
    private int messages; // guarded by this; those in pending and those being written
    private boolean writing; // guarded by this

    GroupCommit(MessageAppender appender, Executor threads, DeliveriesConfig config) {
        this.appender = appender;
        this.threads = threads;
        this.config = config;
    }

    /** The outcome of adding a delivery. */
    enum Accepted {
        /** It is stored, durably. */
        STORED,
        /** Its queue is full. */
        QUEUE_FULL,
        /** Too many messages wait to be committed: backpressure. */
        BUSY
    }

    private record Pending(Delivery delivery, CompletableFuture<Accepted> stored) {}

    /**
     * Stores a delivery. Never waits; the future completes when the delivery is durable, or fails with a
     * {@link io.sluice.store.StoreUnavailableException}, after which it may be stored all the same.
     */
    CompletableFuture<Accepted> add(Delivery delivery) {
        CompletableFuture<Accepted> stored = new CompletableFuture<>();
        synchronized (this) {
            if (messages > 0 && messages + delivery.messages().size() > config.maxUncommitted()) {
                return CompletableFuture.completedFuture(Accepted.BUSY);
            }
            messages += delivery.messages().size();
            pending.add(new Pending(delivery, stored));
            if (writing) {
                return stored;
            }
            writing = true;
        }
        threads.execute(this::write);
        return stored;
    }

    private void write() {
        for (List<Pending> group = next(); !group.isEmpty(); group = next()) {
            try {
                commit(group);
            } finally {
                written(group);
            }
        }
    }

    private synchronized List<Pending> next() {
        List<Pending> group = new ArrayList<>();
        int size = 0;
        for (Pending head = pending.peek(); head != null; head = pending.peek()) {
            size += head.delivery().messages().size();
            if (!group.isEmpty() && size > config.groupCommitSize()) {
                break;
            }
            group.add(pending.remove());
        }
        writing = !group.isEmpty();
        return group;
    }

    private synchronized void written(List<Pending> group) {
        messages -= size(group);
    }

    private static int size(List<Pending> group) {
        return group.stream().mapToInt(one -> one.delivery().messages().size()).sum();
    }

    private void commit(List<Pending> group) {
        List<Boolean> stored;
        try {
            stored = appender.append(group.stream().map(Pending::delivery).toList(), config.maxQueued());
        } catch (RuntimeException | Error e) {
            group.forEach(one -> one.stored().completeExceptionally(e));
            return;
        }
        for (int i = 0; i < group.size(); i++) {
            group.get(i).stored().complete(stored.get(i) ? Accepted.STORED : Accepted.QUEUE_FULL);
        }
    }
}
