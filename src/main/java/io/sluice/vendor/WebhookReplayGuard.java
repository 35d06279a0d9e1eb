package io.sluice.vendor;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sluice.InvalidConfigException;
import io.sluice.budget.Ticker;
import jakarta.inject.Singleton;

/** Which messages have come, so that none is heeded twice. Thread-safe; forgets everything when the process ends. */
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

    /** Whether a message comes for the first time, which it does once only. */
    public boolean isFirst(String account, String id) {
        return ids.asMap().putIfAbsent(account + ' ' + id, true) == null;
    }

    /** Takes a message for one that never came, since nothing could be done about it. */
    public void forget(String account, String id) {
        ids.invalidate(account + ' ' + id);
    }
}
