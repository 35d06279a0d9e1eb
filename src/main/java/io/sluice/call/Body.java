package io.sluice.call;

import java.io.InputStream;

/** What a call carries to the vendor. */
public sealed interface Body {
    /** No body at all. */
    record None() implements Body {}

    /** A body small enough to keep, so that it can be sent again. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares bodies, and copying them would double their cost
    record Buffered(byte[] bytes) implements Body {}

    /**
     * A body that passes through, and therefore can be sent only once.
     *
     * @param length in bytes, or -1 if the caller did not say
     */
    record Streaming(InputStream stream, long length) implements Body {}
}
