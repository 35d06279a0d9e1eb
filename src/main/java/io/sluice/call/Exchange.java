package io.sluice.call;

import java.util.concurrent.CompletionStage;

/** The way of one attempt to the vendor and back. Thread-safe; none of its methods waits. */
interface Exchange {
    /** Whether anything may have been sent. Never again false once it was true; false for good after an early reset. */
    boolean begun();

    /**
     * Breaks the attempt off, in either direction: the vendor's machine receives nothing more of it, and no part
     * of it can be taken for the whole. Does nothing more when it is called again.
     *
     * @return completes when nothing more of it can arrive; never fails
     */
    CompletionStage<Void> reset();
}
