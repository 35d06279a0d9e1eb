/**
 * Requests of callers, and responses to them, as HTTP: preferences, headers that pass, bodies and their bounds,
 * request ids, the connection that may end.
 *
 * <p>May use {@code problem}, {@code call}, {@code team} and {@code budget}.
 */
@NullMarked
package io.sluice.http;

import org.jspecify.annotations.NullMarked;
