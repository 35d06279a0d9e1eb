package io.sluice.budget.window;

import java.util.OptionalInt;

/**
 * The latest report of a vendor on one counter, which overrides our own count in either direction (ADR 40).
 *
 * <p>The vendor counts our calls and those of others. Our own are in the log one by one, each with the moment from
 * which it no longer counts; so all that is kept of a report is the limit, and the use beyond our own. Calls of ours
 * between two reports count by themselves. The age of the others is not known, so they count until the next report, or
 * for a window.
 *
 * @param number of the inquiry that it answers
 * @param permits how many calls it allows; empty if it did not state that
 * @param mayRaise true if that may be more than the defined number
 * @param foreign how many permits others had used
 */
record VendorReport(long number, long at, OptionalInt permits, boolean mayRaise, int foreign) {
    static VendorReport of(long now, ReportedUse said, boolean mayRaise) {
        return new VendorReport(said.number(), now, said.permits(), mayRaise, 0);
    }

    static VendorReport restored(long savedAt, CounterSnapshot.LimitReport saved) {
        OptionalInt permits = saved.permits() == 0 ? OptionalInt.empty() : OptionalInt.of(saved.permits());
        return new VendorReport(0, savedAt - saved.agoNanos(), permits, saved.mayRaise(), saved.foreign());
    }

    CounterSnapshot.LimitReport saved(long now) {
        return new CounterSnapshot.LimitReport(now - at, permits.orElse(0), mayRaise, foreign);
    }

    VendorReport foreign(int permitsOfOthers) {
        return new VendorReport(number, at, permits, mayRaise, permitsOfOthers);
    }

    /** The same where the defined number is a bound. */
    VendorReport bounded() {
        return new VendorReport(number, at, permits, false, foreign);
    }

    /** True if this is the response to an earlier inquiry than another. */
    boolean precedes(ReportedUse other) {
        return number < other.number();
    }

    /** How many permits the vendor has counted, if that many remain. */
    long used(Limit.Rate defined, long remaining) {
        return Math.max(0, permits.orElse(defined.permits()) - remaining);
    }

    /** How many permits a window has. */
    int permits(Limit.Rate defined) {
        return mayRaise
                ? permits.orElse(defined.permits())
                : Math.min(defined.permits(), permits.orElse(defined.permits()));
    }

    int foreignAt(long now, Limit.Rate defined) {
        return now < fadesAt(defined) ? foreign : 0;
    }

    private long fadesAt(Limit.Rate defined) {
        return at + defined.window().toNanos();
    }

    /** How many permits of ours may count at once; none if others have used them all. */
    int capacity(long now, Limit.Rate defined) {
        return Math.max(0, permits(defined) - foreignAt(now, defined));
    }

    /** When so many permits are left, unless the vendor reports something else before; never before that. */
    long roomAt(long now, long wanted, Arrivals ours, Limit.Rate defined) {
        int capacity = capacity(now, defined);
        int needed = (int) Math.min(wanted, permits(defined));
        long at = needed > capacity ? Times.NEVER : ours.roomAt(now, needed, capacity);
        return at > now && foreignAt(now, defined) > 0 ? Math.min(at, fadesAt(defined)) : at;
    }
}
