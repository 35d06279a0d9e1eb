/**
 * Sluice's own API under {@code /api}: its resources, event streams and OpenAPI document, the problems it responds
 * with, and the start-up checks.
 *
 * <p>May use everything but {@code sandbox}.
 */
@NullMarked
package io.sluice.web;

import org.jspecify.annotations.NullMarked;
