package io.sluice.delivery;

import java.time.Duration;

/** What became of a letter. */
public sealed interface Fate {
    /** The vendor has it. */
    record Delivered() implements Fate {}

    /** It will never be delivered as it is. */
    record Dead(String reason) implements Fate {}

    /** The vendor had trouble with it, which may pass: it is tried again, ever less often. */
    record Again(String reason) implements Fate {}

    /**
     * Nothing was tried, since the vendor takes nothing at the moment.
     *
     * @param rest how long to leave the channel alone at least
     * @param again whether to leave it alone ever longer, if that is what it says again next time
     */
    record NotNow(Duration rest, boolean again, String reason) implements Fate {}
}
