/**
 * The sandbox: simulated vendors, served by this process under {@code /sandbox}, with their shapes, limits, job states
 * and errors, with faults on demand and a report of the requests received. For tests, and for teams that want to try
 * Sluice without a vendor.
 *
 * <p>A request goes through {@link SurfaceHandler}: credentials, limits, faults, then the work of one
 * {@link Operation}. {@link Surface} is one vendor API with its own host; the surfaces of a {@link Vendor} share its
 * limits, settings and state. {@link ControlRoutes} is the sandbox's own API.
 *
 * <p>Uses nothing of the other packages of Sluice, so that it cannot repeat a mistake of what it tests. Everything is
 * in memory, per process, and bounded; {@link SandboxConfig} names the bounds.
 */
@NullMarked
package io.sluice.sandbox;

import io.sluice.sandbox.control.ControlRoutes;
import io.sluice.sandbox.http.Operation;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.Surface;
import io.sluice.sandbox.http.SurfaceHandler;
import io.sluice.sandbox.http.Vendor;
import org.jspecify.annotations.NullMarked;
