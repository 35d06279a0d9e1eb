package io.sluice.vendor;

import io.sluice.call.Target;

/** How a vendor's errors look, so that its SDKs understand a refusal of ours. Stateless. */
@FunctionalInterface
public interface ErrorShape {
    /**
     * Puts a refusal into the vendor's words.
     *
     * @param target the call's target: some vendors' errors differ by path
     */
    Body render(GatewayError gatewayError, Target target);

    /** An error body. */
    record Body(String contentType, String text) {}
}
