/** Tests of the readings that gauges share. */
@NullMarked
package io.sluice.metrics;

import org.jspecify.annotations.NullMarked;
