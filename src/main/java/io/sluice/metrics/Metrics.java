package io.sluice.metrics;

import io.smallrye.metrics.SharedMetricRegistries;
import io.smallrye.metrics.legacyapi.LegacyMetricRegistryAdapter;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Histogram;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Tag;
import org.eclipse.microprofile.metrics.Timer;

/**
 * The process's metrics: the one class that holds the registry. All instances show the same one. Thread-safe; no method
 * waits.
 */
public final class Metrics {
    private final MetricRegistry registry = SharedMetricRegistries.getOrCreate(MetricRegistry.APPLICATION_SCOPE);

    /** Returns the description of a metric without a unit. */
    public static Metadata described(String name, String description) {
        return described(name, description, MetricUnits.NONE);
    }

    /**
     * Returns the description of a metric.
     *
     * @param unit one of {@link MetricUnits}
     */
    public static Metadata described(String name, String description, String unit) {
        return Metadata.builder()
                .withName(name)
                .withDescription(description)
                .withUnit(unit)
                .build();
    }

    /** Returns the counter of that name and those tags; registers it at first use. */
    public Counter counter(Metadata metric, Tag... tags) {
        return registry.counter(metric, tags);
    }

    /** Returns the timer of that name and those tags; registers it at first use. */
    public Timer timer(Metadata metric, Tag... tags) {
        return registry.timer(metric, tags);
    }

    /** Returns the histogram of that name and those tags; registers it at first use. */
    public Histogram histogram(Metadata metric, Tag... tags) {
        return registry.histogram(metric, tags);
    }

    /** Registers a counter whose value is kept elsewhere, and read when the metrics are scraped. */
    public <T> void count(Metadata metric, T source, ToDoubleFunction<T> value, Tag... tags) {
        // MicroProfile Metrics has no such counter; its implementation has.
        ((LegacyMetricRegistryAdapter) registry).counter(metric, source, value, tags);
    }

    /** Registers a gauge whose value is read when the metrics are scraped. */
    public <T> void gauge(Metadata metric, T source, ToDoubleFunction<T> value, Tag... tags) {
        registry.gauge(metric, source, value::applyAsDouble, tags);
    }
}
