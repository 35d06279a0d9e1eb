/** Where configuration comes from, and what is told when it cannot be right. */
@NullMarked
package io.sluice.startup;

import org.jspecify.annotations.NullMarked;
