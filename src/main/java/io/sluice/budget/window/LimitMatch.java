package io.sluice.budget.window;

import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds the limit that a vendor's headers speak of where they do not name it, by the number of permits that they tell.
 *
 * <p>The number of one of the call's limits means that limit. Any other is news of a limit that has changed, and only a
 * lower one matters: it is taken for the narrowest limit if it is below that one's number, since a vendor under load
 * tightens what costs it most. Everything else is left alone: taken for a limit that it is not of, what a wide limit has
 * left would close a narrow one whenever the wide one is busy.
 */
public final class LimitMatch {
    private LimitMatch() {}

    /**
     * The counter that a reading is of; null if it cannot be told.
     *
     * @param claimed what the call claims, in the order of its operation
     * @param told how many permits the vendor says that a window has
     */
    public static @Nullable RateCounter find(List<LimitCounter> claimed, OptionalLong told) {
        List<RateCounter> rates = claimed.stream()
                .filter(RateCounter.class::isInstance)
                .map(RateCounter.class::cast)
                .toList();
        if (rates.size() == 1) {
            return rates.getFirst();
        }
        long permits = told.orElse(0);
        if (rates.isEmpty() || permits <= 0) {
            return null;
        }
        RateCounter narrowest = rates.getFirst();
        for (RateCounter rate : rates) {
            if (rate.definition().permits() == permits) {
                // Of two with the same number the first: operations claim the limit of most calls first, and that one
                // has no more left than one of fewer calls.
                return rate;
            }
            if (isAsNarrow(rate.definition(), narrowest.definition())) {
                narrowest = rate;
            }
        }
        return permits < narrowest.definition().permits() ? narrowest : null;
    }

    /** True if a limit allows no more calls in the same time than another. */
    private static boolean isAsNarrow(Limit.Rate one, Limit.Rate other) {
        return (double) one.permits() * other.window().toMillis()
                <= (double) other.permits() * one.window().toMillis();
    }
}
