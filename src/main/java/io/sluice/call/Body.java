package io.sluice.call;

import java.io.InputStream;

/** The request body that a call sends to the vendor. */
public sealed interface Body {
    /** No body at all. */
    record None() implements Body {}

    /** A body small enough to buffer, so that it can be sent again. */
    @SuppressWarnings("ArrayRecordComponent") // bodies are never compared, and copying them would double their cost
    record Buffered(byte[] bytes) implements Body {}

    /**
     * A body that streams from the caller, and therefore can be sent only once.
     *
     * @param length in bytes, or -1 if the caller does not state it
     */
    record Streaming(InputStream stream, long length) implements Body {}
}
