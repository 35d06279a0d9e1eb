package io.sluice.delivery;

import java.util.Optional;

/**
 * One operation for one addressee, as it is to be delivered.
 *
 * @param addressee whose order it keeps, such as {@code id:42}
 * @param other the second addressee of a letter that concerns two: it then waits for what both were sent before, and
 *     what comes later for either waits for it
 * @param kind what its carrier does with it, in the carrier's own words
 * @param operation the operation of the call that it was part of
 * @param payload what is delivered, in the carrier's own form
 */
public record Letter(String addressee, Optional<String> other, String kind, String operation, String payload) {
    /** A letter that concerns one addressee. */
    public Letter(String addressee, String kind, String operation, String payload) {
        this(addressee, Optional.empty(), kind, operation, payload);
    }
}
