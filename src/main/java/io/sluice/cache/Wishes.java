package io.sluice.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * What a caller says about kept answers.
 *
 * @param fetch that it wants none: {@code no-cache}
 * @param store that its answer may be kept: no {@code no-store}
 * @param maxAge how old an answer may be: {@code max-age}
 * @param stale that one out of date is better than none
 * @param own that it has conditions of its own, or wants a part: then its answer is only its own
 */
public record Wishes(boolean fetch, boolean store, Optional<Duration> maxAge, boolean stale, boolean own) {
    /** Nothing said. */
    public static final Wishes NONE = new Wishes(false, true, Optional.empty(), true, false);
}
