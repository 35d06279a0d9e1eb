package io.sluice.cache;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The invalidations by tag, in a time of its own that moves with each of them. Thread-safe.
 *
 * <p>An answer is good if nothing it is about has been invalidated since its fetch <em>began</em>: then it is no older than
 * the last change that we know of. So an invalidation costs the same however much is cached, and what was on its way while
 * something changed is never kept as if it were new. An invalidation that names a version leaves answers valid of that version or
 * a later one, whenever they were fetched, and invalidates all earlier ones, also those fetched after it.
 *
 * <p>What is remembered is bounded. When the oldest tag is forgotten, everything fetched before it was invalidated is taken
 * to be invalidated.
 */
final class InvalidationLog {
    private static final long NONE = Long.MIN_VALUE;

    /**
     * @param always when any version was invalidated last
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

    /** Remembers that many tags. */
    InvalidationLog(int most) {
        this.most = most;
    }

    /** The present moment, to be taken before a fetch begins. */
    long now() {
        return now;
    }

    /** Invalidates everything that has one of the tags, or only what is older than a version of it. */
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
        // Last, so that a fetch that begins now is judged by what has just been invalidated.
        now = at;
    }

    private static Invalidation invalidation(@Nullable Invalidation before, long at, OptionalLong version) {
        Invalidation known = before == null ? new Invalidation(NONE, NONE, NONE) : before;
        return version.isEmpty()
                ? new Invalidation(at, known.versioned(), known.version())
                : new Invalidation(known.always(), at, Math.max(known.version(), version.getAsLong()));
    }

    /** Whether an answer of that version is still good whose fetch began at {@code since}. */
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
