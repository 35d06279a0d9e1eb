package io.sluice.delivery;

import io.sluice.call.CallAbandonedException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Delivers letters to one channel of a vendor. A bean for each; thread-safe. */
public interface Carrier {
    String vendor();

    /** The name of its channels, one for each account. */
    String channel();

    /** Whether letters of that kind can go together. */
    boolean batches(String kind);

    /** What a batch may weigh, as the payloads' UTF-8 bytes and {@link #overhead} for each. */
    int maxBatchBytes();

    /** How many bytes a letter adds to a batch besides its payload. */
    int overhead();

    /**
     * Makes the calls that deliver these letters: one that goes alone, or a batch in which no addressee occurs twice. Waits
     * for permits and for the vendor.
     *
     * @param team who pays
     * @param patience how long to wait for permits
     * @param ours whether the letters are still the caller's to deliver; asked before each attempt
     * @return what became of each, in the same order
     * @throws CallAbandonedException if they no longer were: somebody else may deliver them, and what follows them
     */
    List<Fate> deliver(Channel channel, String team, Duration patience, BooleanSupplier ours, List<Waiting> letters)
            throws InterruptedException;
}
