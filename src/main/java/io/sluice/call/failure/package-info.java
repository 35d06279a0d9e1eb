/**
 * The reasons for which an attempt or a call failed: exceptions that the fault tolerance annotations of vendors' interfaces
 * name, since they decide by type what is repeated.
 *
 * <p>Uses nothing of ours.
 */
@NullMarked
package io.sluice.call.failure;

import org.jspecify.annotations.NullMarked;
