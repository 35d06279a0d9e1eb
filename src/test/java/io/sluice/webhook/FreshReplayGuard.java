package io.sluice.webhook;

import io.sluice.AccountId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A replay guard in memory, for tests that need no database. */
public final class FreshReplayGuard implements WebhookReplayGuard {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    @Override
    public boolean isFirst(AccountId account, String id) {
        return ids.add(account + " " + id);
    }

    @Override
    public void forget(AccountId account, String id) {
        ids.remove(account + " " + id);
    }
}
