/**
 * Customer.io: people and events (Track), messages and queries (App), and Pipelines.
 *
 * <p>Calls that can be sent asynchronously become messages ({@link io.sluice.vendor.customerio.TrackAsyncPolicy}), as
 * operations of Track v2, which {@link io.sluice.vendor.customerio.TrackSender} delivers in batches.
 *
 * <p>Unknown outcomes of broadcasts are resolved by {@link io.sluice.vendor.customerio.BroadcastOutcomeResolver}, and
 * {@link io.sluice.vendor.customerio.BroadcastQueueMonitor} counts the broadcasts that are pending at Customer.io.
 *
 * <p>May use {@code vendor}, {@code export}, {@code delivery}, {@code reconcile}, {@code cache}, {@code call} and
 * {@code budget}.
 */
@NullMarked
package io.sluice.vendor.customerio;

import org.jspecify.annotations.NullMarked;
