/** Holds README.md against the code: its commands run, its tables are complete and right. */
@NullMarked
package io.sluice.readme;

import org.jspecify.annotations.NullMarked;
