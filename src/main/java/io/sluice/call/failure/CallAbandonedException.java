package io.sluice.call.failure;

/** The end of a call whose caller left while it waited. No permit was taken and nothing was sent for it. */
public final class CallAbandonedException extends RuntimeException {
    public CallAbandonedException() {
        super("the caller left", null, false, false);
    }
}
