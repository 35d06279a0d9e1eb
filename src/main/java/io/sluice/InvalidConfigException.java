package io.sluice;

import java.util.function.Supplier;

/** An invalid value of the configuration. The message names its key, and never quotes a secret. */
public final class InvalidConfigException extends RuntimeException {
    public InvalidConfigException(String key, String what) {
        super(key + ": " + what);
    }

    /** Throws this exception unless {@code right} is true. */
    public static void check(boolean right, String key, Supplier<String> what) {
        if (!right) {
            throw new InvalidConfigException(key, what.get());
        }
    }
}
