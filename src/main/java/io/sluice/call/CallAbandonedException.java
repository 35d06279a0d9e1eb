package io.sluice.call;

/** The caller left while its call waited for a permit. Nothing was taken or sent. */
public final class CallAbandonedException extends RuntimeException {
    CallAbandonedException() {
        super("the caller left", null, false, false);
    }
}
