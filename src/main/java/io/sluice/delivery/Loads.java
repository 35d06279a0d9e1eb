package io.sluice.delivery;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Puts claimed letters into loads, each for one call. */
final class Loads {
    private Loads() {}

    /**
     * Splits letters into loads that the carrier can take: batches up to its weight, and one by one what goes alone. If the
     * last load is a batch, it is the only one that may have room.
     *
     * @param letters in the order they were accepted, each of another lane
     */
    static List<List<Waiting>> of(Carrier carrier, List<Waiting> letters) {
        List<List<Waiting>> loads = new ArrayList<>();
        List<Waiting> batch = new ArrayList<>();
        long weight = 0;
        for (Waiting letter : letters) {
            if (!carrier.batches(letter.kind())) {
                loads.add(List.of(letter));
                continue;
            }
            int more = letter.payload().getBytes(StandardCharsets.UTF_8).length + carrier.overhead();
            if (!batch.isEmpty() && weight + more > carrier.maxBatchBytes()) {
                loads.add(batch);
                batch = new ArrayList<>();
                weight = 0;
            }
            batch.add(letter);
            weight += more;
        }
        if (!batch.isEmpty()) {
            loads.add(batch);
        }
        return loads;
    }
}
