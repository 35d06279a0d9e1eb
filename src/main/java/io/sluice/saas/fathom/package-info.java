/**
 * Fathom's External API: meetings, summaries, transcripts.
 *
 * <p>May use {@code saas}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.saas.fathom;

import org.jspecify.annotations.NullMarked;
