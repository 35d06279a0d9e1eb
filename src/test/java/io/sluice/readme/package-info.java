/** Holds README.md and the pages of src/docs against the code: their commands run, their tables are complete and right. */
@NullMarked
package io.sluice.readme;

import org.jspecify.annotations.NullMarked;
