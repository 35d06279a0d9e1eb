/**
 * The fair queue of an account: the requests that wait for permits, and their order.
 *
 * <pre>
 * FairQueue             the order of all calls of an account
 *  ├ OperationQueue     calls of an operation that need the same limits, a queue for each team
 *  ├ PendingBatches     reads that can share a permit, which admission counts as one
 *  ├ ParkedCalls        calls that wait for a counter of their own, such as one user's
 *  ├ TeamState          all calls of a team
 *  └ QueuedRequest      one call: its place in the order, and the counters that it needs
 * </pre>
 *
 * <p>Invariants: a waiting call is either in the queue of its operation or parked behind one counter; what it waits for
 * is counted at each of its counters, from the moment it is added until it is removed; and teams that wait get permits
 * in proportion to their weights. Nothing here is thread-safe: the account's lock guards it.
 *
 * <p>Uses {@code io.sluice.budget.window} alone: it asks counters when they have room, and never takes from them.
 */
@NullMarked
package io.sluice.budget.queue;

import org.jspecify.annotations.NullMarked;
