package io.sluice.metrics;

import io.sluice.budget.Ticker;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A reading that is taken again once it is too old, so that all gauges of one scrape share it. Thread-safe; of callers
 * that come together one reads, and the others wait for it.
 */
public final class Cached<T> {
    /** The time in which a registry has read all of its gauges, and no two scrapes follow each other. */
    private static final Duration ONE_SCRAPE = Duration.ofMillis(500);

    private final Supplier<T> source;
    private final long maxAge;
    private final Ticker ticker;
    private @Nullable T value; // guarded by this; null before the first reading
    private long readAt; // guarded by this

    /**
     * A reading that is not taken yet.
     *
     * @param maxAge how old it may get
     */
    public Cached(Supplier<T> source, Duration maxAge, Ticker ticker) {
        this.source = source;
        this.maxAge = maxAge.toNanos();
        this.ticker = ticker;
    }

    /** A reading for the gauges of one scrape. */
    public static <T> Cached<T> perScrape(Supplier<T> source, Ticker ticker) {
        return new Cached<>(source, ONE_SCRAPE, ticker);
    }

    /** Returns the reading, taken anew if it is too old. If that fails, so does this, and the next call tries again. */
    public synchronized T get() {
        T known = value;
        if (known == null || ticker.read() - readAt > maxAge) {
            known = source.get();
            value = known;
            readAt = ticker.read();
        }
        return known;
    }
}
