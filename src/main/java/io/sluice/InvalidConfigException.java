package io.sluice;

import java.util.function.Supplier;

/** A value of the configuration cannot be right. The message names its key, and never quotes a secret. */
public final class InvalidConfigException extends RuntimeException {
    public InvalidConfigException(String key, String what) {
        super(key + ": " + what);
    }

    /** Throws unless the value is right. */
    public static void check(boolean right, String key, Supplier<String> what) {
        if (!right) {
            throw new InvalidConfigException(key, what.get());
        }
    }
}
