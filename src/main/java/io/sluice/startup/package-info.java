/**
 * How a process of Sluice begins: its main method, where configuration comes from besides the platform's own sources, and
 * what is told when it cannot be right. All of this runs before there are beans.
 *
 * <p>Uses no other package of Sluice but the root.
 */
@NullMarked
package io.sluice.startup;

import org.jspecify.annotations.NullMarked;
