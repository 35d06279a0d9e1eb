/** Tests of the packaged process: what it says when it cannot start, how much memory it takes, how it ends. */
@NullMarked
package io.sluice.process;

import org.jspecify.annotations.NullMarked;
