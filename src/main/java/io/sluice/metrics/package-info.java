/**
 * The registry of metrics: counters, timers, histograms and gauges of all rooms, and readings that gauges share. The
 * rooms name their metrics themselves, and reach the registry by {@link io.sluice.metrics.Metrics} alone (ADR 3).
 */
@NullMarked
package io.sluice.metrics;

import org.jspecify.annotations.NullMarked;
