package io.sluice.budget.window;

/**
 * The phase of a vendor's fixed windows: when the present one turns over, as far as its headers show. Not thread-safe.
 *
 * <p>Each response gives an interval: the reset lies its stated time after some moment between sending and response,
 * and is cut to whole seconds one way or the other; an epoch is cut twice, and either way, since the date that it is
 * read against is cut, too. The true moment lies in all of them, so their intersection is kept, as long as they lie so
 * close together that they cannot mean the ends of two windows. Only the end of the present window is ever taken from
 * it, never a later one: many vendors start a window with its first call, so the next end is unknown until the vendor
 * states it.
 */
final class WindowPhase {
    private static final long SECOND = 1_000_000_000L;
    private static final long FINE = 1_000_000L;
    private static final long UNKNOWN = Times.NEVER;

    private final long window;

    private long earliest = UNKNOWN;
    private long latest = UNKNOWN;

    WindowPhase(long window) {
        this.window = window;
    }

    void observe(long now, long sentAt, long resetIn, boolean epoch) {
        long cut = resetIn % SECOND == 0 ? SECOND : FINE;
        long from = sentAt + resetIn - 2 * cut;
        long to = now + resetIn + (epoch ? 2 * cut : cut);
        if (known() && Math.max(to, latest) - Math.min(from, earliest) < window && from <= latest && to >= earliest) {
            earliest = Math.max(earliest, from);
            latest = Math.min(latest, to);
        } else {
            earliest = from;
            latest = to;
        }
    }

    /** When it will have turned over for sure; {@link Times#NEVER} if that is unknown. */
    long turnsOverAt() {
        return latest;
    }

    boolean known() {
        return latest != UNKNOWN;
    }

    /** True if the window has surely turned over; then the next turn is unknown. */
    boolean turnedOver(long now) {
        if (!known() || now < latest) {
            return false;
        }
        latest = UNKNOWN;
        return true;
    }

    /** Until when calls have surely been counted in the window that turned over last. */
    long turnedOverAt() {
        return earliest;
    }
}
