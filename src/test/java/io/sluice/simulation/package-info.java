/** The virtual clock, the simulated vendors, and days of traffic played against them in milliseconds. */
@NullMarked
package io.sluice.simulation;

import org.jspecify.annotations.NullMarked;
