/**
 * The model of a vendor: {@link io.sluice.saas.Surface}s with their {@link io.sluice.saas.Route}s, accounts,
 * limits, header dialect and error shape. One package below for each vendor; they never use each other.
 *
 * <p>To add one: a package with a {@code ...Api} interface per surface, a {@code ...Config}, and a bean that implements
 * {@link io.sluice.saas.Vendor}. No other class names a vendor.
 *
 * <p>May use {@code export}, {@code delivery}, {@code reconcile}, {@code cache}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.saas;

import org.jspecify.annotations.NullMarked;
