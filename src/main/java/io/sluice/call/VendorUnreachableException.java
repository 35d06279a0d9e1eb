package io.sluice.call;

/** No connection to the vendor could be made, so nothing was sent. */
public final class VendorUnreachableException extends UnexecutedException {
    VendorUnreachableException(Throwable cause) {
        super("the vendor cannot be reached", cause);
    }
}
