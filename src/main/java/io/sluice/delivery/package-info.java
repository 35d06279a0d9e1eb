/**
 * Accepted work: calls that are stored before they are answered, and made later, each person's in the order accepted.
 *
 * <p>A call becomes one or more {@link io.sluice.delivery.Message}s, each to one ordering key. {@link
 * io.sluice.delivery.GroupCommit} commits the messages of many callers together, in line; {@link io.sluice.delivery.DeliveryWorkers} sort
 * the line into ordering groups, claim messages and hand them to the {@link io.sluice.delivery.MessageSender} of their vendor, which says what
 * became of each. An ordering key's messages wait in an ordering group, of which only the first one is ever under way: that is what keeps
 * the order over refusals, retries and crashes, and why no ordering key waits for another one. What is claimed is held by a
 * lease ({@link io.sluice.delivery.Leases}), and sent only while it lasts.
 *
 * <p>An admin may pause an account's deliveries or let them run dry: {@link io.sluice.delivery.Mode}, which is kept in the
 * database for every process.
 *
 * <p>What cannot be delivered becomes a dead letter, which is kept, shown and sent again on demand. May use {@code budget},
 * {@code call} and {@code store}, and knows no vendor by name.
 */
@NullMarked
package io.sluice.delivery;

import org.jspecify.annotations.NullMarked;
