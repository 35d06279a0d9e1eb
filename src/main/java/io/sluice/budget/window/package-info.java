/**
 * The limits of an account, and the counters that hold them: how each permit is counted, when there is room for the
 * next, and what is learned from the vendor's responses.
 *
 * <pre>
 * CounterGroup             a limit's counters, created on demand
 *  ├ ConcurrencyCounter    calls in flight
 *  └ RateCounter           calls in a window; passes a call that its slot and these allow:
 *     ├ Arrivals           the vendor's limiter at worst: ArrivalWindow or ArrivalBucket. Start reading here
 *     ├ HeaderEstimate     estimate from headers; WindowPhase: when a fixed window turns over; VendorReport: by inquiry
 *     ├ Pacer              the last grant, from which slots are counted; LatencyJitter and SafetyMargin
 *     └ CrashReserve       the permits that may be granted before the next checkpoint, by CrashRules
 * Cooldown                 closed by a refusal until a time; then one probe, then the others
 * CheckpointSchedule       when the next checkpoint begins
 * </pre>
 *
 * <p>Invariants: no counter passes a call that the vendor could refuse, if it counts as its limit says and no other
 * party uses the key; a permit counts from its grant until the vendor must have dropped it; and no more is granted than a
 * checkpoint has reserved. Times are arguments, nanoseconds of the budget's clock. Nothing here is thread-safe: the
 * account's lock guards it.
 *
 * <p>Uses no other package of Sluice.
 */
@NullMarked
package io.sluice.budget.window;

import org.jspecify.annotations.NullMarked;
