package io.sluice.call.failure;

/** The failure of an attempt that could not connect to the vendor, so nothing was sent. */
public final class VendorUnreachableException extends UnexecutedException {
    public VendorUnreachableException(Throwable cause) {
        super("the vendor cannot be reached", cause);
    }
}
