/**
 * Clari's Revenue API: exports, forecasts, ingest.
 *
 * <p>May use {@code vendor}, {@code export}, {@code reconcile}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.vendor.clari;

import org.jspecify.annotations.NullMarked;
