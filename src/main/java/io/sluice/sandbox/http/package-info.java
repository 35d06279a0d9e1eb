/**
 * The requests to the stand-ins: a {@link SurfaceHandler} checks credentials and limits, makes the faults that were asked
 * for, and runs the {@link Operation}. A {@link Surface} is one vendor API with its own host; the surfaces of a {@link
 * Vendor} share its limits, settings and state.
 *
 * <p>Uses {@code sandbox.limits}.
 */
@NullMarked
package io.sluice.sandbox.http;

import org.jspecify.annotations.NullMarked;
