/** The fixture's calls. */
@NullMarked
package io.sluice.wrong.call;

import org.jspecify.annotations.NullMarked;
