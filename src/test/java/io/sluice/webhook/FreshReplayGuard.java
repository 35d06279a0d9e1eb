package io.sluice.webhook;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A replay guard in memory, for tests that need no database. */
public final class FreshReplayGuard implements WebhookReplayGuard {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    @Override
    public boolean isFirst(String vendor, String account, String id) {
        return ids.add(vendor + "/" + account + " " + id);
    }

    @Override
    public void forget(String vendor, String account, String id) {
        ids.remove(vendor + "/" + account + " " + id);
    }
}
