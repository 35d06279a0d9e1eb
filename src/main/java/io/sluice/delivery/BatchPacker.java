package io.sluice.delivery;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Packs claimed messages into batches, each for one call. */
final class BatchPacker {
    private BatchPacker() {}

    /**
     * Packs messages into batches that the sender can take: batches up to its byte limit, and messages that are not
     * batchable one by one. If the last batch is of batchable messages, it is the only one that may have room left.
     *
     * @param messages in the order they were accepted, each of another ordering group
     */
    static List<List<ClaimedMessage>> pack(MessageSender sender, List<ClaimedMessage> messages) {
        List<List<ClaimedMessage>> batches = new ArrayList<>();
        List<ClaimedMessage> batch = new ArrayList<>();
        long weight = 0;
        for (ClaimedMessage message : messages) {
            if (!sender.isBatchable(message.kind())) {
                batches.add(List.of(message));
                continue;
            }
            int more = message.payload().getBytes(StandardCharsets.UTF_8).length + sender.overhead();
            if (!batch.isEmpty() && weight + more > sender.maxBatchBytes()) {
                batches.add(batch);
                batch = new ArrayList<>();
                weight = 0;
            }
            batch.add(message);
            weight += more;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }
}
