package io.sluice.delivery;

/**
 * A destination of messages: one API of an account. Each has ordering keys of its own.
 *
 * @param name the vendor's API, such as {@code track}
 */
public record Destination(String vendor, String account, String name) {
    /** The name in logs. */
    @Override
    public String toString() {
        return vendor + "/" + account + "/" + name;
    }
}
