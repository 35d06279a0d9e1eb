/**
 * The budget: decides which call may be sent to a vendor, and when. Plain Java: no CDI, HTTP or JDBC types.
 *
 * <p>From outside: an account's {@link io.sluice.budget.Limit}s are defined once at the
 * {@link io.sluice.budget.Budget}; every attempt asks for a {@link io.sluice.budget.Permit} with a
 * {@link io.sluice.budget.PermitRequest} and gets a {@link io.sluice.budget.Decision}, for which a thread can wait by a
 * {@link io.sluice.budget.PermitWait}; what the vendor answers comes back as an {@link io.sluice.budget.LimitFeedback}.
 * {@link io.sluice.budget.PacedBudget} is the budget of one process.
 *
 * <p>Inside, from the top; each class has one mechanism, and its comment says why:
 *
 * <pre>
 * PacedBudget        finds the account
 *  └ Account         one lock: request, grant, answer; one alarm for whatever comes next
 *     ├ FairQueue    whose turn it is
 *     │  ├ OperationQueue   calls that need the same limits; FlowQueue: one team's of them; TeamState: one team's of all
 *     │  └ ParkedCalls   calls that wait for a counter of their own, such as one user's
 *     ├ Ledger       what is counted and learned
 *     │  ├ CounterGroup   a limit's counters, which come and go
 *     │  │  ├ ConcurrencyCounter   calls in flight
 *     │  │  └ RateCounter   calls in a window; passes what its slot and these agree on:
 *     │  │     ├ Arrivals    the vendor's limiter at worst: ArrivalWindow or ArrivalBucket. Start reading here
 *     │  │     ├ HeaderEstimate   what headers say; WindowPhase: when a fixed window turns over
 *     │  │     └ Pacer       the last grant, from which slots are counted; LatencyJitter and SafetyMargin
 *     │  └ Cooldown  closed by a refusal until exactly then; then one probe, then the others
 *     └ Checkpointer   what outlives a restart, kept by a BudgetStore. What may be granted on the strength of it is each
 *                    RateCounter's CrashReserve, by CrashRules; CheckpointSchedule: when the next one begins
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
