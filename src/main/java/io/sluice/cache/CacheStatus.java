package io.sluice.cache;

import java.time.Duration;
import java.util.Locale;

/** The effect of the cache on a call, as {@code Cache-Status} reports it (RFC 9211). */
public record CacheStatus(Result result, String text) {
    /** The name of the header. */
    public static final String HEADER = "Cache-Status";

    /** The status of a write. */
    public static final CacheStatus WRITE = new CacheStatus(Result.BYPASS, "Sluice; fwd=method");

    /** The status of a read that is never cached. */
    public static final CacheStatus BYPASS = new CacheStatus(Result.BYPASS, "Sluice; fwd=bypass");

    /** The status of a read whose caller refuses cached responses. */
    static final CacheStatus REQUEST = new CacheStatus(Result.BYPASS, "Sluice; fwd=request");

    /** Returns true if the vendor was not asked for this call. */
    public boolean spared() {
        return result == Result.HIT || result == Result.STALE || result == Result.COLLAPSED;
    }

    /** The effects, as the metrics name them. */
    public enum Result {
        HIT,
        STALE,
        MISS,
        COLLAPSED,
        BYPASS;

        private final String tag = name().toLowerCase(Locale.ROOT);

        /** Returns the value of the metrics' tag. */
        public String tag() {
            return tag;
        }
    }

    static CacheStatus hit(Duration ttlLeft) {
        return new CacheStatus(Result.HIT, "Sluice; hit; ttl=" + ttlLeft.toSeconds());
    }

    /**
     * The status of a response that is served out of date.
     *
     * @param why why the vendor was not asked, or did not answer: a token
     */
    static CacheStatus stale(Duration ttlLeft, String why) {
        // Rounded away from zero: a stale response has no time left.
        long seconds = Math.min(-1, ttlLeft.toSeconds());
        return new CacheStatus(Result.STALE, "Sluice; hit; ttl=" + seconds + "; stale; detail=" + why);
    }

    /**
     * The status of a read that was sent to the vendor: on a miss, on a stale entry, or because the caller asked for
     * that.
     */
    static CacheStatus forwarded(String why, boolean stored) {
        return new CacheStatus(Result.MISS, "Sluice; fwd=" + why + (stored ? "; stored" : ""));
    }

    /** The status of a read that joined the flight of an equal one. */
    static CacheStatus collapsed(String why) {
        return new CacheStatus(Result.COLLAPSED, "Sluice; fwd=" + why + "; collapsed");
    }
}
