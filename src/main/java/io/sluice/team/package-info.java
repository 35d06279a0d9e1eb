/**
 * The teams: authentication and permissions of callers. A caller authenticates as a {@link io.sluice.team.Team} with
 * the team's key, which it sends wherever the vendor's SDK puts the vendor's own.
 *
 * <p>Uses no other package of Sluice.
 */
@NullMarked
package io.sluice.team;

import org.jspecify.annotations.NullMarked;
