/** Runs the vendors' own SDKs, which are under {@code src/test/node}, against Sluice and its sandbox. */
@NullMarked
package io.sluice.sdk;

import org.jspecify.annotations.NullMarked;
