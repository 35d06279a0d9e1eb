package io.sluice.delivery;

import io.sluice.AccountId;

/**
 * A destination of messages: one API of an account. Each has ordering keys of its own.
 *
 * @param name the vendor's API, such as {@code track}
 */
public record Destination(AccountId account, String name) {
    /** The name in logs. */
    @Override
    public String toString() {
        return account + "/" + name;
    }
}
