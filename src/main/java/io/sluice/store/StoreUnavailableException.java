package io.sluice.store;

/**
 * The failure of a database that cannot be reached or cannot write. The request itself is not at fault, so repeating it
 * later may help.
 */
public final class StoreUnavailableException extends RuntimeException {
    public StoreUnavailableException(Throwable cause) {
        super("the database is not available: " + cause.getMessage(), cause);
    }
}
