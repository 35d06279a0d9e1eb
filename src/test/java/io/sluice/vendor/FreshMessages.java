package io.sluice.vendor;

import io.sluice.budget.Ticker;

/** Makes a memory of messages, for tests that need no Quarkus. */
public final class FreshMessages {
    private FreshMessages() {}

    /** One that knows no message yet. */
    public static SeenMessages none(WebhooksConfig config, Ticker ticker) {
        return new SeenMessages(config, ticker);
    }
}
