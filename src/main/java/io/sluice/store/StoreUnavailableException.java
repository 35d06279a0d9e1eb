package io.sluice.store;

/** The database cannot be reached or cannot write: nothing is wrong with what was asked, so asking later may help. */
public final class StoreUnavailableException extends RuntimeException {
    public StoreUnavailableException(Throwable cause) {
        super("the database is not available: " + cause.getMessage(), cause);
    }
}
