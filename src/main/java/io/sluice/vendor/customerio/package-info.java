/**
 * Customer.io: people and events (Track), messages and queries (App), and Pipelines.
 *
 * <p>What can be made later becomes messages ({@link io.sluice.vendor.customerio.TrackAsyncPolicy}), in the words of Track v2,
 * which {@link io.sluice.vendor.customerio.TrackSender} delivers in batches.
 *
 * <p>What became of broadcasts is told by {@link io.sluice.vendor.customerio.BroadcastOutcomeResolver}, and {@link
 * io.sluice.vendor.customerio.BroadcastQueueMonitor} counts those that wait at Customer.io.
 *
 * <p>May use {@code vendor}, {@code export}, {@code delivery}, {@code cache}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.vendor.customerio;

import org.jspecify.annotations.NullMarked;
