package io.sluice.saas;

import io.sluice.call.Target;
import io.sluice.problem.GatewayError;

/**
 * The shape of a vendor's errors, in which Sluice renders its own so that the vendor's SDKs can parse them. Stateless.
 */
@FunctionalInterface
public interface ErrorShape {
    /**
     * Renders an error of Sluice in the vendor's shape.
     *
     * @param target the call's target: some vendors' errors differ by path
     */
    Body render(GatewayError gatewayError, Target target);

    /** An error body. */
    record Body(String contentType, String text) {}
}
