/**
 * Customer.io: people and events (Track), messages and queries (App), and Pipelines.
 *
 * <p>Calls that can be sent asynchronously become messages ({@link io.sluice.saas.customerio.delivery.TrackAsyncPolicy}), as
 * operations of Track v2, which {@link io.sluice.saas.customerio.delivery.TrackSender} delivers in batches.
 *
 * <p>Unknown outcomes of broadcasts are resolved by {@link io.sluice.saas.customerio.broadcast.BroadcastOutcomeResolver}, and
 * {@link io.sluice.saas.customerio.broadcast.BroadcastQueueMonitor} counts the broadcasts that are pending at Customer.io.
 *
 * <p>May use {@code saas}, {@code export}, {@code delivery}, {@code reconcile}, {@code cache}, {@code call} and
 * {@code budget}.
 */
@NullMarked
package io.sluice.saas.customerio;

import org.jspecify.annotations.NullMarked;
