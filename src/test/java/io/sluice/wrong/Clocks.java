package io.sluice.wrong;

/** Reads the time where that is allowed, in a nested class too. */
public final class Clocks {
    public long nanos() {
        return System.nanoTime();
    }

    /** What the real ticker would be. */
    public static final class Nested {
        public long nanos() {
            return System.nanoTime();
        }
    }
}
