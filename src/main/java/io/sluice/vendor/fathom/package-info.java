/**
 * Fathom's External API: meetings, summaries, transcripts.
 *
 * <p>May use {@code vendor}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.vendor.fathom;

import org.jspecify.annotations.NullMarked;
