package io.sluice.call;

import java.util.concurrent.CompletionStage;

/** One attempt's request to the vendor and the response to it. Thread-safe; none of its methods waits. */
interface Exchange {
    /**
     * Returns true if anything may have been sent. Once true, it stays true; after a reset that came before that, it
     * stays false.
     */
    boolean begun();

    /**
     * Aborts the attempt, in either direction: the vendor's machine receives nothing more of it, and no part of it can
     * be taken for the whole. Does nothing more when it is called again.
     *
     * @return completes when nothing more of it can arrive; never fails
     */
    CompletionStage<Void> reset();
}
