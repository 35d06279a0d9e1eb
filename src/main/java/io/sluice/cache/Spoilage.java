package io.sluice.cache;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When which tags were spoiled, in a time of its own that moves with each spoiling. Thread-safe.
 *
 * <p>An answer is good if nothing it is about has been spoiled since its fetch <em>began</em>: then it is no older than
 * the last change that we know of. So spoiling costs the same however much is kept, and what was on its way while
 * something changed is never kept as if it were new. A spoiling that names a version spares answers of that version or
 * a later one, whenever they were fetched, and spoils all earlier ones, also those fetched after it.
 *
 * <p>What is remembered is bounded. When the oldest tag is forgotten, everything fetched before it was spoiled is taken
 * to be spoiled.
 */
final class Spoilage {
    private static final long NONE = Long.MIN_VALUE;

    /**
     * @param always when any version was spoiled last
     * @param versioned when versions below {@code version} were spoiled last
     */
    private record Spoiled(long always, long versioned, long version) {
        long last() {
            return Math.max(always, versioned);
        }
    }

    private final int most;
    private final Map<String, Spoiled> byTag = new ConcurrentHashMap<>();
    private final LinkedHashMap<String, Spoiled> oldestFirst = new LinkedHashMap<>(); // guarded by this
    private volatile long now;
    private volatile long forgottenUntil;

    /** Remembers that many tags. */
    Spoilage(int most) {
        this.most = most;
    }

    /** The present moment, to be taken before a fetch begins. */
    long now() {
        return now;
    }

    /** Spoils everything that has one of the tags, or only what is older than a version of it. */
    synchronized void spoil(Collection<String> tags, OptionalLong version) {
        long at = now + 1;
        for (String tag : tags) {
            Spoiled before = oldestFirst.remove(tag);
            Spoiled after = spoiled(before, at, version);
            oldestFirst.put(tag, after);
            byTag.put(tag, after);
        }
        Iterator<Map.Entry<String, Spoiled>> oldest = oldestFirst.entrySet().iterator();
        while (oldestFirst.size() > most) {
            Map.Entry<String, Spoiled> forgotten = oldest.next();
            forgottenUntil = Math.max(forgottenUntil, forgotten.getValue().last());
            oldest.remove();
            byTag.remove(forgotten.getKey());
        }
        // Last, so that a fetch that begins now is judged by what has just been spoiled.
        now = at;
    }

    private static Spoiled spoiled(@Nullable Spoiled before, long at, OptionalLong version) {
        Spoiled known = before == null ? new Spoiled(NONE, NONE, NONE) : before;
        return version.isEmpty()
                ? new Spoiled(at, known.versioned(), known.version())
                : new Spoiled(known.always(), at, Math.max(known.version(), version.getAsLong()));
    }

    /** Whether an answer of that version is still good whose fetch began at {@code since}. */
    boolean spares(Collection<String> tags, OptionalLong version, long since) {
        if (since < forgottenUntil) {
            return false;
        }
        for (String tag : tags) {
            Spoiled spoiled = byTag.get(tag);
            if (spoiled != null && !spares(spoiled, version, since)) {
                return false;
            }
        }
        return true;
    }

    private static boolean spares(Spoiled spoiled, OptionalLong version, long since) {
        if (spoiled.always() > since) {
            return false;
        }
        return version.isEmpty() ? spoiled.versioned() <= since : version.getAsLong() >= spoiled.version();
    }
}
