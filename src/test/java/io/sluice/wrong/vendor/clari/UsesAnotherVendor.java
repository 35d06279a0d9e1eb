package io.sluice.wrong.vendor.clari;

import io.sluice.wrong.vendor.clerk.Clerk;

/** A vendor must not know another. */
public interface UsesAnotherVendor {
    Clerk other();
}
