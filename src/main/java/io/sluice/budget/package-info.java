/**
 * The budget: the limits of vendors' accounts, the permits for calls, and the fair queues for them. Plain Java: no CDI,
 * HTTP or JDBC types.
 *
 * <p>From outside: an account's {@link io.sluice.budget.Limit}s are defined once at the
 * {@link io.sluice.budget.Budget}; every attempt asks for a {@link io.sluice.budget.Permit} with a
 * {@link io.sluice.budget.PermitRequest} and gets a {@link io.sluice.budget.Decision}, for which a thread can wait by a
 * {@link io.sluice.budget.PermitWait}; the vendor's response comes back as a {@link io.sluice.budget.LimitFeedback}.
 * {@link io.sluice.budget.PacedBudget} is the budget of one process.
 *
 * <p>Inside, from the top; each class has one mechanism, and its comment says why:
 *
 * <pre>
 * PacedBudget        finds the account
 *  └ Account         one lock: request, grant, response; one alarm for the next event
 *     ├ FairQueue    the order of waiting calls
 *     │  ├ OperationQueue   calls that need the same limits; FlowQueue: one team's of them; TeamState: all of a team's
 *     │  ├ PendingBatches   reads that can share a permit, which admission counts as one
 *     │  └ ParkedCalls   calls that wait for a counter of their own, such as one user's
 *     ├ Ledger       counters, cooldowns, round trips
 *     │  ├ CounterGroup   a limit's counters, created on demand
 *     │  │  ├ ConcurrencyCounter   calls in flight
 *     │  │  └ RateCounter   calls in a window; passes a call that its slot and these allow:
 *     │  │     ├ Arrivals    the vendor's limiter at worst: ArrivalWindow or ArrivalBucket. Start reading here
 *     │  │     ├ HeaderEstimate   estimate from headers; WindowPhase: when a fixed window turns over
 *     │  │     └ Pacer       the last grant, from which slots are counted; LatencyJitter and SafetyMargin
 *     │  └ Cooldown  closed by a refusal until a time; then one probe, then the others
 *     └ Checkpointer   saves to a BudgetStore, restores after a restart. CrashReserve of each RateCounter: the permits
 *                    that may be granted meanwhile, by CrashRules; CheckpointSchedule: when the next one begins
 * </pre>
 *
 * <p>Mechanisms take the time as an argument and hold nothing but numbers: the account decides where those live, and
 * under which lock, so that they can come to live in a store that replicas share. Times inside are nanoseconds since
 * the budget was made. Decisions and refused alternatives: src/docs/adr, 10 to 13, 32 and 33.
 *
 * <p>Uses no other package of Sluice.
 */
@NullMarked
package io.sluice.budget;

import org.jspecify.annotations.NullMarked;
