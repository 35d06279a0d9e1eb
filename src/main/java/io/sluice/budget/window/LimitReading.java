package io.sluice.budget.window;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The reading of one limit from the vendor's headers. Every part may be missing.
 *
 * @param limit the limit's name, where one that the attempt does not count against is ignored; {@link #UNNAMED} where
 *     the vendor does not state which of the attempt's limits it means, and the number of permits decides
 * @param permits how many calls the vendor states that it allows in a window
 * @param remaining how many of them it states are left
 * @param resetIn how long until it counts anew
 * @param epoch whether that was stated as an epoch, and read against the response's date: so within 2 s either way
 */
public record LimitReading(
        String limit, OptionalLong permits, OptionalLong remaining, Optional<Duration> resetIn, boolean epoch) {
    /** In place of a limit's name: one of the attempt's limits. */
    public static final String UNNAMED = "";

    /** A reading whose reset is stated as a remaining time. */
    public LimitReading(String limit, OptionalLong permits, OptionalLong remaining, Optional<Duration> resetIn) {
        this(limit, permits, remaining, resetIn, false);
    }
}
