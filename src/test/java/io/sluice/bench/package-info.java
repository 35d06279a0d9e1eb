/**
 * Measures the budget, beside what is used today, and writes src/docs/benchmarks.md. How to run it stands there. Not
 * tests: they read the real time and take a minute.
 */
@NullMarked
package io.sluice.bench;

import org.jspecify.annotations.NullMarked;
