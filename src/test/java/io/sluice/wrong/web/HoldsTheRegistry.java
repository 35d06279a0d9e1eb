package io.sluice.wrong.web;

import org.eclipse.microprofile.metrics.MetricRegistry;

/** Only the room of metrics may hold their registry. */
public interface HoldsTheRegistry {
    MetricRegistry registry();
}
