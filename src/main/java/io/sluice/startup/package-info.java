/**
 * How a process of Sluice begins: its main method, where configuration comes from besides the platform's own sources,
 * and the error text of a start that fails. All of this runs before there are beans.
 *
 * <p>Uses no other package of Sluice but the root.
 */
@NullMarked
package io.sluice.startup;

import org.jspecify.annotations.NullMarked;
