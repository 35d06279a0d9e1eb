/**
 * Settings that operators make at run time, through the API: pauses of accounts, changed limits, modes of deliveries.
 * Each is a row of one table with its author, time, reason and end, so that it outlives a restart and holds in every
 * process.
 *
 * <p>{@link io.sluice.operator.OperatorSettings} stores, reads and polls them, whatever they are about;
 * {@link io.sluice.operator.LimitSettings} applies those of accounts and limits to the budget. Deliveries read theirs
 * themselves.
 */
@NullMarked
package io.sluice.operator;

import org.jspecify.annotations.NullMarked;
