package io.sluice.simulation;

import java.util.ArrayDeque;
import java.util.Deque;

/** How a simulated vendor counts what arrives, in the order of arrival. Times are nanoseconds. */
public sealed interface VendorLimiter {
    /** Counts a call that arrives now, or refuses it and counts nothing. */
    boolean admits(long now);

    /** How many calls it would still take now. */
    int remaining(long now);

    /** When it would take a call again, if it takes none now; otherwise when it counts anew. */
    long resetAt(long now);

    /** Windows at {@code phase}, {@code phase + window}, ... with at most {@code permits} calls each. */
    final class FixedWindows implements VendorLimiter {
        private final int permits;
        private final long window;
        private final long phase;
        private long current = Long.MIN_VALUE;
        private int count;

        public FixedWindows(int permits, long window, long phase) {
            this.permits = permits;
            this.window = window;
            this.phase = phase;
        }

        @Override
        public boolean admits(long now) {
            position(now);
            return count < permits && ++count > 0;
        }

        @Override
        public int remaining(long now) {
            position(now);
            return permits - count;
        }

        @Override
        public long resetAt(long now) {
            position(now);
            return phase + (current + 1) * window;
        }

        private void position(long now) {
            long index = Math.floorDiv(now - phase, window);
            if (index != current) {
                current = index;
                count = 0;
            }
        }
    }

    /** At most {@code permits} calls in the window that ends with each call. */
    final class SlidingLog implements VendorLimiter {
        private final int permits;
        private final long window;
        private final Deque<Long> log = new ArrayDeque<>();

        public SlidingLog(int permits, long window) {
            this.permits = permits;
            this.window = window;
        }

        @Override
        public boolean admits(long now) {
            forget(now);
            return log.size() < permits && log.add(now);
        }

        @Override
        public int remaining(long now) {
            forget(now);
            return permits - log.size();
        }

        @Override
        public long resetAt(long now) {
            forget(now);
            return log.isEmpty() ? now : log.getFirst() + window;
        }

        private void forget(long now) {
            while (!log.isEmpty() && log.getFirst() <= now - window) {
                log.removeFirst();
            }
        }
    }

    /** The current fixed window's count, plus that of the previous one as far as it still overlaps. */
    final class SlidingCounter implements VendorLimiter {
        private final int permits;
        private final long window;
        private final long phase;
        private long current = Long.MIN_VALUE;
        private int count;
        private int previous;

        public SlidingCounter(int permits, long window, long phase) {
            this.permits = permits;
            this.window = window;
            this.phase = phase;
        }

        @Override
        public boolean admits(long now) {
            return level(now) + 1 <= permits && ++count > 0;
        }

        @Override
        public int remaining(long now) {
            return (int) Math.max(0, Math.floor(permits - level(now)));
        }

        @Override
        public long resetAt(long now) {
            level(now);
            return phase + (current + 1) * window;
        }

        private double level(long now) {
            long index = Math.floorDiv(now - phase, window);
            if (index != current) {
                previous = index == current + 1 ? count : 0;
                current = index;
                count = 0;
            }
            double share = 1 - (double) Math.floorMod(now - phase, window) / window;
            return count + previous * share;
        }
    }

    /** A bucket of {@code depth} tokens that refills at {@code permits} a window. */
    final class Bucket implements VendorLimiter {
        private final int depth;
        private final double nanosPerToken;
        private double tokens;
        private long filledAt;

        public Bucket(int depth, int permits, long window) {
            this.depth = depth;
            nanosPerToken = (double) window / permits;
            tokens = depth;
        }

        @Override
        public boolean admits(long now) {
            fill(now);
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }

        @Override
        public int remaining(long now) {
            fill(now);
            return (int) tokens;
        }

        @Override
        public long resetAt(long now) {
            fill(now);
            return now + (long) Math.ceil(Math.max(0, 1 - tokens) * nanosPerToken);
        }

        private void fill(long now) {
            tokens = Math.min(depth, tokens + (now - filledAt) / nanosPerToken);
            filledAt = now;
        }
    }
}
