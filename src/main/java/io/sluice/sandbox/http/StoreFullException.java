package io.sluice.sandbox.http;

/**
 * A full store of the sandbox: one that has reached its bound. Reported openly, since evicting records would falsify
 * the report.
 */
public final class StoreFullException extends RuntimeException {
    public StoreFullException(String what, int bound) {
        super("the sandbox has reached its limit of %s (%d): raise sluice.sandbox.max-records or POST /sandbox/reset"
                .formatted(what, bound));
    }

    /** Checks that one more record fits. */
    public static void check(String what, int size, int bound) {
        if (size >= bound) {
            throw new StoreFullException(what, bound);
        }
    }
}
