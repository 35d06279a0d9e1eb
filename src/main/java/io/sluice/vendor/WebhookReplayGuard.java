package io.sluice.vendor;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sluice.InvalidConfigException;
import io.sluice.budget.Ticker;
import jakarta.inject.Singleton;

/**
 * A guard against replayed webhooks: remembers message ids, so that no message is processed twice. Thread-safe; in
 * memory only, lost when the process ends.
 */
@Singleton
public class WebhookReplayGuard {
    private final Cache<String, Boolean> ids;

    WebhookReplayGuard(WebhooksConfig config, Ticker ticker) {
        InvalidConfigException.check(
                config.replayRetention().compareTo(config.tolerance()) >= 0,
                "sluice.webhooks.replay-retention",
                () -> "must not be shorter than sluice.webhooks.tolerance, " + config.tolerance() + ": "
                        + config.replayRetention());
        this.ids = Caffeine.newBuilder()
                .maximumSize(config.replayMaxEntries())
                .expireAfterWrite(config.replayRetention())
                .ticker(ticker::read)
                .build();
    }

    /** Records a message; true the first time, false for a duplicate. */
    public boolean isFirst(String account, String id) {
        return ids.asMap().putIfAbsent(account + ' ' + id, true) == null;
    }

    /** Removes a message whose processing failed, so that the vendor can send it again. */
    public void forget(String account, String id) {
        ids.invalidate(account + ' ' + id);
    }
}
