package io.sluice.budget.window;

import java.util.OptionalInt;

/**
 * A vendor's report on all calls that it counts, ours among them, beside what was settled when it was asked.
 *
 * @param number of the inquiry that it answers; larger than those of earlier ones
 * @param settled how many permits of ours had been settled when the vendor was asked
 * @param permits how many calls it allows; empty if it did not state that
 * @param remaining how many of them are left
 * @param mayRaise true if a number larger than the defined one is followed too
 */
public record ReportedUse(long number, long settled, OptionalInt permits, long remaining, boolean mayRaise) {}
