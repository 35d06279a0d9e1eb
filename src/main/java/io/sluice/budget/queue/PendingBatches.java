package io.sluice.budget.queue;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/**
 * The batches of reads that wait in one account's queue. The first of a batch that gets a permit takes the others
 * along, so a batch costs one permit however many it holds: one of its reads, the payer, stands for it in estimates of
 * what is granted before others, and the rest go along. The order of grants knows nothing of it: each read keeps its own
 * place. Guarded by the account's lock.
 */
final class PendingBatches {
    /** The latest batch of each group. */
    private final Map<String, Batch> latest = new HashMap<>();

    private final Map<QueuedRequest, Batch> batches = new HashMap<>();

    /** Reads that one permit serves. */
    private static final class Batch {
        final String group;
        final int most;
        final SequencedSet<QueuedRequest> reads = new LinkedHashSet<>();
        /** True once one of its reads has a permit: what comes from then on is too late for it. */
        boolean gone;

        Batch(String group, int most) {
            this.group = group;
            this.most = most;
        }

        boolean hasRoom() {
            return !gone && reads.size() < most;
        }
    }

    /** Adds a read that is queued, to the batch that waits already or to a new one. */
    void join(QueuedRequest read, String group, int most) {
        Batch batch = latest.get(group);
        if (batch == null || !batch.hasRoom()) {
            batch = new Batch(group, most);
            latest.put(group, batch);
        }
        batch.reads.add(read);
        batches.put(read, batch);
        if (batch.reads.size() > 1) {
            read.goAlong(true);
        }
    }

    boolean has(QueuedRequest read) {
        return batches.containsKey(read);
    }

    /** Removes a read that leaves the queue, if it is in a batch. */
    void leave(QueuedRequest read) {
        Batch batch = batches.remove(read);
        if (batch == null) {
            return;
        }
        batch.reads.remove(read);
        read.goAlong(false);
        if (batch.reads.isEmpty()) {
            latest.remove(batch.group, batch);
        } else {
            batch.reads.getFirst().goAlong(false);
        }
    }

    /** Closes the batch of a read that is about to be granted and to {@link #leave}: it takes the others along. */
    void depart(QueuedRequest read) {
        Batch batch = batches.get(read);
        if (batch != null) {
            batch.gone = true;
        }
    }

    /** When the first read of the batch goes, as far as was estimated when each came. */
    long goesAt(QueuedRequest read) {
        Batch batch = batches.get(read);
        return batch == null
                ? read.expectedAt()
                : batch.reads.stream()
                        .mapToLong(each -> each.expectedAt())
                        .min()
                        .orElse(read.expectedAt());
    }
}
