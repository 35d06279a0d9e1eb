/**
 * The gateway, the way of a mount's call: from HTTP in to operation and account
 * ({@link io.sluice.gateway.MountAdmission}), through the chain ({@link io.sluice.gateway.CallChain}) to the vendor,
 * and back out as HTTP ({@link io.sluice.gateway.ResponseForwarder}).
 *
 * <p>May use {@code saas}, {@code delivery}, {@code cache}, {@code call}, {@code store}, {@code team} and
 * {@code budget}, and depends on no vendor by name.
 */
@NullMarked
package io.sluice.gateway;

import org.jspecify.annotations.NullMarked;
