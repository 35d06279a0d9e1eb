/**
 * The sandbox's own API: it sets faults, limits and settings, and reports the requests received.
 *
 * <p>Uses {@code sandbox.http} and {@code sandbox.limits}.
 */
@NullMarked
package io.sluice.sandbox.control;

import org.jspecify.annotations.NullMarked;
