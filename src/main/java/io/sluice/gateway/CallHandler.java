package io.sluice.gateway;

/**
 * A step of the chain that a call on a mount passes: replies itself, or hands the call on to the next step.
 * Thread-safe.
 *
 * @param <R> the kinds of replies
 */
@FunctionalInterface
interface CallHandler<R extends Reply> {
    /**
     * Handles a call. Waits for the head of the response; the receiver must read its body to the end or close it.
     *
     * @throws io.sluice.call.failure.CallAbandonedException if the caller left while it waited
     */
    R handle(MountCall call) throws InterruptedException;
}
