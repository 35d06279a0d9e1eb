package io.sluice.budget;

import io.sluice.budget.window.CounterSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of an account that must outlive a restart. Plain values, to be written and read in any format; absent
 * values are null or zero.
 *
 * @param version {@link #VERSION}, or 0 for a checkpoint of the version that reserved nothing
 * @param at when it was saved, by the wall clock
 * @param boot the id of the machine's run in which it was saved; null if unknown
 * @param sinceBootNanos how long that run had lasted
 * @param complete whether nothing can have been granted after it was saved
 * @param closedForNanos how long the account stays closed from then on, zero if it is open
 * @param closedOperationsNanos the same for operations that are closed
 * @param limits what holds for each counter of a limit that is not in {@code counters}
 * @param bursts what refusals have shown about bursts, by limit
 */
public record AccountSnapshot(
        int version,
        Instant at,
        @Nullable String boot,
        long sinceBootNanos,
        boolean complete,
        long closedForNanos,
        Map<String, Long> closedOperationsNanos,
        List<CounterSnapshot.Unsaved> limits,
        List<CounterSnapshot> counters,
        Map<String, CounterSnapshot.BurstLimit> bursts) {
    /** The version that is written today. */
    public static final int VERSION = 1;

    /** The moment of a checkpoint, with a flag for the last one of the process. */
    record Moment(Instant at, @Nullable String boot, long sinceBootNanos, boolean complete) {}

    public AccountSnapshot {
        Objects.requireNonNull(at, "at");
        // Additions of a newer version are ignored: after a rollback the counts are as good as ever.
        if (version < 0) {
            throw new IllegalArgumentException("version must not be negative: " + version);
        }
        closedOperationsNanos = Map.copyOf(Objects.requireNonNullElse(closedOperationsNanos, Map.of()));
        limits = List.copyOf(Objects.requireNonNullElse(limits, List.of()));
        counters = List.copyOf(Objects.requireNonNull(counters, "counters"));
        bursts = Map.copyOf(Objects.requireNonNullElse(bursts, Map.of()));
    }
}
