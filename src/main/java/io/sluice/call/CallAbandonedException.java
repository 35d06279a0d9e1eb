package io.sluice.call;

/** The caller left while its call waited. Nothing was taken or sent for it. */
public final class CallAbandonedException extends RuntimeException {
    public CallAbandonedException() {
        super("the caller left", null, false, false);
    }
}
