package io.sluice.budget;

import java.time.Duration;
import java.util.List;

/**
 * The report of a restored account: what a new process counts, and why.
 *
 * @param why the same in words, or what is wrong with the checkpoint
 * @param clock which clock measured the checkpoint's age
 * @param age how long ago it was saved; zero if that is not known
 * @param limits those of which something counts
 */
public record RestoreReport(String account, Cause cause, String why, Clock clock, Duration age, List<LimitUse> limits) {
    /** The end of the process before, as far as its last checkpoint shows. */
    public enum Cause {
        /** There was none. */
        FIRST_START,
        /** In order: what is saved is all there was. */
        STOPPED,
        /** It did not record its end: open calls and the reserve count as used. */
        CRASHED,
        /** Its checkpoint cannot be read, or is gone: every limit counts as used up. */
        LOST
    }

    /** The clock that measured the age. */
    public enum Clock {
        BOOT,
        WALL,
        NONE
    }

    /**
     * The restored use of one limit.
     *
     * @param used how much of its fullest counter counts as used
     * @param ended permits of calls that had ended, of all its counters together
     * @param open permits of calls that were open, which count from now on
     * @param reserved permits that may have been granted since, which count from now on
     */
    public record LimitUse(String limit, long permits, long used, long ended, long open, long reserved) {}

    public RestoreReport {
        limits = List.copyOf(limits);
    }
}
