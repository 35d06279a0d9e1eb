package io.sluice.wrong.saas.clari;

import io.sluice.wrong.saas.clerk.Clerk;

/** A vendor must not know another. */
public interface UsesAnotherVendor {
    Clerk other();
}
