package io.sluice.webhook;

import io.sluice.AccountId;

/** A guard against replayed webhooks: records the ids of messages, so that no message is processed twice. Thread-safe. */
public interface WebhookReplayGuard {
    /** Records a message; returns true the first time, false for a duplicate. Waits for the store. */
    boolean isFirst(AccountId account, String id);

    /** Removes a message whose processing failed, so that the vendor can send it again. Waits for the store. */
    void forget(AccountId account, String id);
}
