package io.sluice.gateway;

import io.sluice.AccountId;
import io.sluice.cache.ResponseCache;
import io.sluice.call.Operation;

/**
 * The step that invalidates what a write changes: its caller reads nothing older from then on, whatever the outcome of
 * the write.
 */
final class CacheInvalidation implements CallHandler<Reply.Served> {
    private final CallHandler<Reply.Served> next;
    private final ResponseCache cache;

    CacheInvalidation(CallHandler<Reply.Served> next, ResponseCache cache) {
        this.next = next;
        this.cache = cache;
    }

    @Override
    public Reply.Served handle(MountCall call) throws InterruptedException {
        if (call.match().operation().effect() != Operation.Effect.WRITE) {
            return next.handle(call);
        }
        try {
            return next.handle(call);
        } finally {
            if (call.call().attempts().count() > 0) {
                invalidate(call);
            }
        }
    }

    private void invalidate(MountCall call) {
        AccountId account = call.request().account().id();
        call.match()
                .invalidation()
                .tagsChangedBy(call.request().method(), call.request().target())
                .ifPresentOrElse(tags -> cache.invalidate(account, tags), () -> cache.invalidateAll(account));
    }
}
