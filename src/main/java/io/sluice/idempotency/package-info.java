/**
 * Idempotency records: the first response under each {@code Idempotency-Key} of a team, kept for a day, so that a
 * repetition is answered and not executed. One store for calls on the mounts, which are recorded before they are made,
 * and for requests of Sluice's own API, which are recorded in the transaction that executes them.
 *
 * <p>May use {@code store}.
 */
@NullMarked
package io.sluice.idempotency;

import org.jspecify.annotations.NullMarked;
