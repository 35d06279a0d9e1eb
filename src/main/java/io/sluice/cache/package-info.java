/**
 * The response cache: what may be cached and what invalidates it, and equal reads in flight that become one.
 *
 * <p>A {@link io.sluice.cache.CachePolicy}, which a vendor gives a route, states which responses are cached and for how
 * long. The {@link io.sluice.cache.ResponseCache} holds them; writes and webhooks invalidate them there, by tags.
 * {@link io.sluice.cache.CachedReads} serves the chain's reads, and {@link io.sluice.cache.Origin} is the
 * vendor behind it. Plain Java but for the configuration; time comes from a ticker.
 *
 * <p>Decisions: src/docs/adr, 18 and 19. May use {@code call}.
 */
@NullMarked
package io.sluice.cache;

import org.jspecify.annotations.NullMarked;
