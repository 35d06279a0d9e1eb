package io.sluice.reconcile;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * Claims of created resources: reconciles writes without an answer with the resources that appeared in a vendor's list.
 * For writes whose lost answer can only be told from what the list has more than before: each write is recorded before
 * it is made, so that a resource made by one is not taken for another's. Shared by all processes on one database, and
 * durable. Every method waits for the disk; where the database is unavailable, writes are not recorded and outcomes
 * stay unknown.
 */
public interface CreatedResourceClaims {
    /**
     * Records that a write is about to be made.
     *
     * @param list the name of the list that will contain the created resource; distinct from other lists' names
     * @param write a unique id of the write
     * @param until when the record is deleted, at the latest
     * @return true if the write is recorded
     */
    boolean begin(String list, String write, Instant until);

    /** Records the resource that a write has made, even if the write was not begun. */
    void made(String list, String write, String id, Instant until);

    /** Deletes the record of a write that was not executed. */
    void abort(String write);

    /**
     * Records that the resource of a write, if there is one, is listed by now, and that the write's outcome stays
     * unknown.
     */
    void lost(String list, String write);

    /**
     * Claims the resource of a write whose answer is lost: one that was added to the list since, if as many were added
     * as there are writes that may have made them. Then every one of these writes was executed, though a write may be
     * given the resource of another. If more were added, other callers create such resources too, and the outcome stays
     * unknown.
     *
     * @param added ids that are listed now and were not when the write was begun, in any order
     * @return the id of the resource, or empty if the outcome is unknown
     */
    Optional<String> claim(String list, String write, Collection<String> added);
}
