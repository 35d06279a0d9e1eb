/**
 * The budget: the permits for calls to vendors' accounts. Plain Java: no CDI, HTTP or JDBC types.
 *
 * <p>From outside: an account's {@link io.sluice.budget.window.Limit}s are defined once at the
 * {@link io.sluice.budget.Budget}; every attempt asks for a {@link io.sluice.budget.Permit} with a
 * {@link io.sluice.budget.PermitRequest} and gets a {@link io.sluice.budget.Decision}, for which a thread can wait by a
 * {@link io.sluice.budget.PermitWait}; the vendor's response comes back as a {@link io.sluice.budget.LimitFeedback}.
 * {@link io.sluice.budget.PacedBudget} is the budget of one process.
 *
 * <p>Inside, from the top; each class has one mechanism, and its comment says why:
 *
 * <pre>
 * PacedBudget        finds the account
 *  └ Account         one lock: request, grant, response
 *     ├ PendingRequest   a request in the queue; HeldPermit: what it was granted; Attempt: what that has taken
 *     ├ Ledger       counters, cooldowns, round trips; LedgerSnapshots: saves and restores them
 *     ├ Forecast     when a call goes that comes last
 *     ├ Alarm        the next event that comes by itself
 *     ├ Checkpointer saves to a BudgetStore, restores after a restart
 *     ├ queue        the order of waiting calls
 *     └ window       how each limit is counted, and when it has room
 * </pre>
 *
 * <p>Invariants: every permit ends once, by its response, by being abandoned or released; every request that is not
 * cancelled gets one decision; decisions are delivered without the lock. Mechanisms take the time as an argument and
 * hold nothing but numbers: the account decides where those live, and under which lock, so that they can come to live in
 * a store that replicas share. Times inside are nanoseconds since the budget was made. Decisions and refused
 * alternatives: src/docs/adr, 10 to 13, 32, 33 and 49.
 *
 * <p>Uses its rooms {@code queue} and {@code window}, and no other package of Sluice; neither of them uses this one.
 */
@NullMarked
package io.sluice.budget;

import org.jspecify.annotations.NullMarked;
