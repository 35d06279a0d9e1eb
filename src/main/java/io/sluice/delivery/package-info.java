/**
 * Asynchronous deliveries: calls that are stored before they are answered, and made later, in order for each ordering
 * key.
 *
 * <p>A call becomes one or more {@link io.sluice.delivery.Message}s, each with an ordering key.
 * {@link io.sluice.delivery.GroupCommit} commits the messages of many callers together; a
 * {@link io.sluice.delivery.DeliveryWorker} indexes them into ordering groups, claims messages and hands them to the
 * {@link io.sluice.delivery.MessageSender} of their vendor, which returns the outcome of each. An ordering key's
 * messages wait in an ordering group, of which only the first one is ever under way: that keeps the order over
 * refusals, retries and crashes, and lets no ordering key wait for another one. A claim is held by a lease ({@link
 * io.sluice.store.LeaseKeeper}), and its messages are sent only while it lasts.
 *
 * <p>An admin may pause or drain an account's deliveries: {@link io.sluice.delivery.Mode}, one of operators' settings
 * ({@link io.sluice.operator.OperatorSettings}), which hold in every process.
 *
 * <p>A message that cannot be delivered becomes a dead letter, which is kept, shown and redriven on demand. May use
 * {@code budget}, {@code call}, {@code operator} and {@code store}, and names no vendor.
 */
@NullMarked
package io.sluice.delivery;

import org.jspecify.annotations.NullMarked;
