/**
 * The database that durable work lives in: SQLite in a file of this process, or PostgreSQL. Its schema is brought up to
 * date when it is first used; migrations only add, so that the version before still runs beside the new one.
 *
 * <p>Each table belongs to the package that uses it. Uses no other package of Sluice but the root.
 */
@NullMarked
package io.sluice.store;

import org.jspecify.annotations.NullMarked;
