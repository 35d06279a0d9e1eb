package io.sluice.wrong.gateway;

import io.sluice.wrong.saas.clerk.Clerk;

/** The gateway knows what a vendor is, but no vendor by name. */
public interface UsesOneVendor {
    Clerk vendor();
}
