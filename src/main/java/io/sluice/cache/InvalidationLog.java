package io.sluice.cache;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The log of invalidations by tag, in a time of its own that advances with each of them. Thread-safe.
 *
 * <p>A response is valid if nothing it is about has been invalidated since its fetch <em>began</em>: then it is no
 * older than the last known change. So an invalidation costs the same however much is cached, and a response that was
 * on its way during a change is never cached as if it were new. An invalidation that names a version leaves responses
 * of that version or a later one valid, whenever they were fetched, and invalidates all earlier ones, also those
 * fetched after it.
 *
 * <p>The log is bounded. When the entry of the oldest tag is dropped, everything fetched before that invalidation
 * counts as invalidated.
 */
final class InvalidationLog {
    private static final long NONE = Long.MIN_VALUE;

    /**
     * @param always when all versions were invalidated last
     * @param versioned when versions below {@code version} were invalidated last
     */
    private record Invalidation(long always, long versioned, long version) {
        long last() {
            return Math.max(always, versioned);
        }
    }

    private final int most;
    private final Map<String, Invalidation> byTag = new ConcurrentHashMap<>();
    private final LinkedHashMap<String, Invalidation> oldestFirst = new LinkedHashMap<>(); // guarded by this
    private volatile long now;
    private volatile long forgottenUntil;

    /** A log that holds up to {@code most} tags. */
    InvalidationLog(int most) {
        this.most = most;
    }

    /** Returns the present moment, to be taken before a fetch begins. */
    long now() {
        return now;
    }

    /** Invalidates everything that has one of the tags, or, given a version, only what is older than that. */
    synchronized void invalidate(Collection<String> tags, OptionalLong version) {
        long at = now + 1;
        for (String tag : tags) {
            Invalidation before = oldestFirst.remove(tag);
            Invalidation after = invalidation(before, at, version);
            oldestFirst.put(tag, after);
            byTag.put(tag, after);
        }
        Iterator<Map.Entry<String, Invalidation>> oldest =
                oldestFirst.entrySet().iterator();
        while (oldestFirst.size() > most) {
            Map.Entry<String, Invalidation> forgotten = oldest.next();
            forgottenUntil = Math.max(forgottenUntil, forgotten.getValue().last());
            oldest.remove();
            byTag.remove(forgotten.getKey());
        }
        // Last, so that a fetch that begins now is compared with this invalidation.
        now = at;
    }

    private static Invalidation invalidation(@Nullable Invalidation before, long at, OptionalLong version) {
        Invalidation known = before == null ? new Invalidation(NONE, NONE, NONE) : before;
        return version.isEmpty()
                ? new Invalidation(at, known.versioned(), known.version())
                : new Invalidation(known.always(), at, Math.max(known.version(), version.getAsLong()));
    }

    /** Returns true if a response of that version is still valid whose fetch began at {@code since}. */
    boolean isValid(Collection<String> tags, OptionalLong version, long since) {
        if (since < forgottenUntil) {
            return false;
        }
        for (String tag : tags) {
            Invalidation invalidation = byTag.get(tag);
            if (invalidation != null && !isValid(invalidation, version, since)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValid(Invalidation invalidation, OptionalLong version, long since) {
        if (invalidation.always() > since) {
            return false;
        }
        return version.isEmpty() ? invalidation.versioned() <= since : version.getAsLong() >= invalidation.version();
    }
}
