package io.sluice.cache;

import java.time.Duration;
import java.util.Locale;

/** What the cache did for a call, as {@code Cache-Status} tells it (RFC 9211). */
public record CacheStatus(Result result, String text) {
    /** The name of the header. */
    public static final String HEADER = "Cache-Status";

    /** A write. */
    public static final CacheStatus WRITE = new CacheStatus(Result.BYPASS, "Sluice; fwd=method");

    /** A read that nobody keeps. */
    public static final CacheStatus BYPASS = new CacheStatus(Result.BYPASS, "Sluice; fwd=bypass");

    /** A read whose caller wants no cached response. */
    static final CacheStatus REQUEST = new CacheStatus(Result.BYPASS, "Sluice; fwd=request");

    /** Whether the vendor was not asked for this call. */
    public boolean spared() {
        return result == Result.HIT || result == Result.STALE || result == Result.COLLAPSED;
    }

    /** What it did. */
    public enum Result {
        HIT,
        STALE,
        MISS,
        COLLAPSED,
        BYPASS;

        /** For metrics. */
        public String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static CacheStatus hit(Duration ttlLeft) {
        return new CacheStatus(Result.HIT, "Sluice; hit; ttl=" + ttlLeft.toSeconds());
    }

    /**
     * Out of date.
     *
     * @param why the vendor was not asked, or not heard: a token
     */
    static CacheStatus stale(Duration ttlLeft, String why) {
        // Rounded away from zero: a stale answer has no time left.
        long seconds = Math.min(-1, ttlLeft.toSeconds());
        return new CacheStatus(Result.STALE, "Sluice; hit; ttl=" + seconds + "; stale; detail=" + why);
    }

    /** Asked for at the vendor, because nothing was kept, it was out of date, or the caller wanted it so. */
    static CacheStatus forwarded(String why, boolean stored) {
        return new CacheStatus(Result.MISS, "Sluice; fwd=" + why + (stored ? "; stored" : ""));
    }

    /** Somebody else had just asked the vendor for it. */
    static CacheStatus collapsed(String why) {
        return new CacheStatus(Result.COLLAPSED, "Sluice; fwd=" + why + "; collapsed");
    }
}
