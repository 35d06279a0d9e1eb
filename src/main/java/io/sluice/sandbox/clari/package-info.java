/**
 * The stand-in of Clari: export jobs with slots and a quota, reads, and ingestion.
 *
 * <p>Uses {@code sandbox.http} and {@code sandbox.limits}.
 */
@NullMarked
package io.sluice.sandbox.clari;

import org.jspecify.annotations.NullMarked;
