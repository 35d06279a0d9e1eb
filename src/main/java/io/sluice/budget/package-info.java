/**
 * Who may send which call to a vendor, and when. Plain Java: no CDI, HTTP or JDBC types.
 *
 * <p>From outside: an account's {@link io.sluice.budget.Limit}s are defined once at the
 * {@link io.sluice.budget.Budget}; every attempt asks for a {@link io.sluice.budget.Permit} with a
 * {@link io.sluice.budget.Demand} and gets a {@link io.sluice.budget.Decision}, for which a thread can wait by a
 * {@link io.sluice.budget.PermitWait}; what the vendor answers comes back as an {@link io.sluice.budget.Answer}.
 * {@link io.sluice.budget.PacedBudget} is the budget of one process.
 *
 * <p>Inside, from the top; each class has one mechanism, and its comment says why:
 *
 * <pre>
 * PacedBudget        finds the account
 *  └ Account         one lock: demand, grant, answer; one alarm for whatever comes next
 *     ├ FairQueue    whose turn it is
 *     │  ├ Branch    calls that need the same limits; Line: one team's of them; Team: one team's of all
 *     │  └ ParkedCalls   calls that wait for a counter of their own, such as one user's
 *     ├ Ledger       what is counted and learned
 *     │  ├ Counters  a limit's counters, which come and go
 *     │  │  ├ FlightMeter   calls in flight
 *     │  │  └ RateMeter     calls in a window; passes what its slot and these agree on:
 *     │  │     ├ Arrivals    the vendor's limiter at worst: ArrivalWindow or ArrivalBucket. Start reading here
 *     │  │     ├ VendorView  what headers say; FixedPhase: when a fixed window turns over
 *     │  │     └ Pace        the last grant, from which slots are counted; DelaySpread and Margin
 *     │  └ Gate      closed by a refusal until exactly then; then one canary, then the others
 *     └ Saving       what outlives a restart, kept by a Memory. What may be granted on the strength of it is each
 *                    RateMeter's Reserve, by CrashRules; SavingSchedule: when the next one begins
 * </pre>
 *
 * <p>Mechanisms take the time as an argument and hold nothing but numbers: where those live, and under which lock, is
 * the account's business, so that they can come to live in a store that replicas share. Times inside are nanoseconds
 * since the budget was made. Decisions and what was refused on the way: src/docs/adr, 10 to 13, 32 and 33.
 *
 * <p>Uses no other package of Sluice.
 */
@NullMarked
package io.sluice.budget;

import org.jspecify.annotations.NullMarked;
