/**
 * Clari's Revenue API: exports, forecasts, ingest.
 *
 * <p>{@link io.sluice.saas.clari.SlotLedger} owns the slots of an organization, which exports of Sluice and of teams
 * on the mount share: src/docs/adr, 15, 40 and 48.
 *
 * <p>May use {@code saas}, {@code export}, {@code reconcile}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.saas.clari;

import org.jspecify.annotations.NullMarked;
