/**
 * Who calls, and what it may. A caller proves to be a {@link io.sluice.team.Team} with the team's key, which it sends
 * wherever the vendor's SDK puts the vendor's own.
 *
 * <p>Uses no other package of Sluice.
 */
@NullMarked
package io.sluice.team;

import org.jspecify.annotations.NullMarked;
