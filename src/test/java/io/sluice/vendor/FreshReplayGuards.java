package io.sluice.vendor;

import io.sluice.budget.Ticker;

/** Makes a memory of messages, for tests that need no Quarkus. */
public final class FreshReplayGuards {
    private FreshReplayGuards() {}

    /** One that knows no message yet. */
    public static WebhookReplayGuard none(WebhooksConfig config, Ticker ticker) {
        return new WebhookReplayGuard(config, ticker);
    }
}
