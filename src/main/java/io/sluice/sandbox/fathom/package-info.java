/**
 * The stand-in of Fathom: meetings, recordings and teams.
 *
 * <p>Uses {@code sandbox.http} and {@code sandbox.limits}.
 */
@NullMarked
package io.sluice.sandbox.fathom;

import org.jspecify.annotations.NullMarked;
