package io.sluice.call;

/** The failure of an attempt that could not connect to the vendor, so nothing was sent. */
public final class VendorUnreachableException extends UnexecutedException {
    VendorUnreachableException(Throwable cause) {
        super("the vendor cannot be reached", cause);
    }
}
