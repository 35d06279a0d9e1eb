package io.sluice.vendor;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * Which of the things in a vendor's list was made by which write. For writes whose lost answer can only be told from what
 * the list has more than before: they are written down before they are made, so that what one has made is not taken for
 * another's. Shared by all processes on one database, and durable. Every method waits for the disk; where the database is away,
 * nothing is known and nothing written down.
 */
public interface CreatedResourceClaims {
    /**
     * Writes down that a write is about to be made.
     *
     * @param list where what it makes will be listed; the name is any that is unlike others'
     * @param write unlike any other
     * @param until when it is forgotten, at the latest
     * @return whether it is written down
     */
    boolean begin(String list, String write, Instant until);

    /** Writes down what a write has made, whether it was begun or not. */
    void made(String list, String write, String id, Instant until);

    /** Forgets a write that has made nothing. */
    void abort(String write);

    /** Says that what a write has made, if anything, is listed by now, and that nobody will ask for it any more. */
    void lost(String list, String write);

    /**
     * What a write has made whose answer is lost: something that is listed since, if there are as many as there are writes that
     * may have made them. Then every one of them was made, though perhaps not each what it is given. If there are more, somebody
     * else makes such things too, and nothing is certain.
     *
     * @param added what is listed now and was not when the write was begun, in any order
     */
    Optional<String> claim(String list, String write, Collection<String> added);
}
