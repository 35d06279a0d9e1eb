/**
 * Slots that jobs take at a vendor: how many there are, and which jobs hold them.
 *
 * <p>May use {@code export.job} and {@code store}.
 */
@NullMarked
package io.sluice.export.slots;

import org.jspecify.annotations.NullMarked;
