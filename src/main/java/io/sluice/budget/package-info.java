/**
 * Who may send which call to a vendor, and when. Plain Java: no CDI, HTTP or JDBC types.
 *
 * <p>An account's {@link io.sluice.budget.Limit}s are defined once; every attempt asks for a
 * {@link io.sluice.budget.Permit} with a {@link io.sluice.budget.Demand} and gets a
 * {@link io.sluice.budget.Decision}; what the vendor answers comes back as an {@link io.sluice.budget.Answer}.
 *
 * <p>Uses no other package of Sluice.
 */
@NullMarked
package io.sluice.budget;

import org.jspecify.annotations.NullMarked;
