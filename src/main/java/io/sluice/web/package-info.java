/**
 * Sluice's own API under {@code /api}: its resources, event streams and OpenAPI document, the problems it answers with, and
 * what is checked at start-up.
 *
 * <p>May use everything but {@code sandbox}.
 */
@NullMarked
package io.sluice.web;

import org.jspecify.annotations.NullMarked;
