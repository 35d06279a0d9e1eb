/**
 * Errors for callers: what failed, as the gateway says it in any vendor's shape
 * ({@link io.sluice.problem.GatewayError}) and as Sluice's own API says it ({@link io.sluice.problem.Problem}, RFC 9457).
 *
 * <p>May use {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.problem;

import org.jspecify.annotations.NullMarked;
