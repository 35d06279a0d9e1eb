/**
 * Runs the vendors' own SDKs, and a browser on the page, against Sluice and its sandbox: those for Node under
 * {@code src/test/node}, those for Java here.
 */
@NullMarked
package io.sluice.sdk;

import org.jspecify.annotations.NullMarked;
