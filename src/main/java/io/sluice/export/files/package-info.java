/**
 * Files that jobs have produced: fetched from a vendor, stored in a folder or in the database, registered until they
 * are deleted.
 *
 * <p>May use {@code export.job} and {@code store}.
 */
@NullMarked
package io.sluice.export.files;

import org.jspecify.annotations.NullMarked;
