/**
 * Webhooks of vendors: their {@link io.sluice.webhook.HmacSignature}, the guard against replays, and the events that are
 * stored for teams to read. Each vendor that sends them has a {@link io.sluice.webhook.Webhooks} in its own package; the
 * HTTP resource is in {@code web}.
 *
 * <p>May use {@code store}.
 */
@NullMarked
package io.sluice.webhook;

import org.jspecify.annotations.NullMarked;
