package io.sluice.gateway;

import io.sluice.call.failure.CallAbandonedException;

/** The step that makes a value of a caller's leaving: a call that was abandoned for it has no reply. */
final class ClientDisconnects implements CallHandler<Reply> {
    private final CallHandler<? extends Reply> next;

    ClientDisconnects(CallHandler<? extends Reply> next) {
        this.next = next;
    }

    @Override
    public Reply handle(MountCall call) throws InterruptedException {
        try {
            return next.handle(call);
        } catch (CallAbandonedException e) {
            return new Reply.ClientGone();
        }
    }
}
