/**
 * The reconciliation of writes that got no response with what the vendor lists: the one answer to "which resource did
 * my lost write create?".
 *
 * <p>A search at the vendor yields {@link io.sluice.reconcile.Candidates}, the resources that the write may have
 * created; claims, kept in the database, say which of them belong to other writes, and how many writes may have created
 * the rest. The conclusion depends on what the vendor lets us know, so there are three strategies:
 *
 * <pre>
 * strategy              holds where                                    used by           claims
 * Candidates.only       the search is by a key that no two share       Clerk's users     not needed
 * Candidates.oldest     writes are sent one after the other            exports           the jobs' rows
 * Candidates.madeByAll  neither: only the number of writes is known    broadcasts        CreatedResourceClaims
 * </pre>
 *
 * <p>Calls of teams are reconciled by the {@link io.sluice.reconcile.OutcomeResolver} of their route, exports by the
 * state machine of their job.
 *
 * <p>May use {@code call} and {@code store}.
 */
@NullMarked
package io.sluice.reconcile;

import org.jspecify.annotations.NullMarked;
