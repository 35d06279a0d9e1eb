/**
 * The response cache: what may be cached and what invalidates it, and equal reads in flight
 * that become one.
 *
 * <p>A {@link io.sluice.cache.CachePolicy}, which a vendor gives a route, says what is kept and for how long. The
 * {@link io.sluice.cache.ResponseCache} keeps it; writes and webhooks invalidate it there, by tags.
 * {@link io.sluice.cache.CachedReads} is what a read goes through, and {@link io.sluice.cache.Origin} is whatever asks
 * the vendor behind it. Plain Java but for the configuration; time comes from a ticker.
 *
 * <p>Decisions: src/docs/adr, 18 and 19. May use {@code call}.
 */
@NullMarked
package io.sluice.cache;

import org.jspecify.annotations.NullMarked;
