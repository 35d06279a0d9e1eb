/** Runs the vendors' own SDKs, and a browser on the page, which are under {@code src/test/node}, against Sluice and its sandbox. */
@NullMarked
package io.sluice.sdk;

import org.jspecify.annotations.NullMarked;
