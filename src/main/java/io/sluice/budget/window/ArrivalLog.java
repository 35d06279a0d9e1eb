package io.sluice.budget.window;

import java.util.Arrays;

/**
 * A log of the permits that the vendor may have counted, with their latest possible times; oldest first.
 * Not thread-safe.
 *
 * <p>Its size follows its content: an empty log holds no array, and entries of the same moment are one.
 */
final class ArrivalLog {
    private static final long[] NO_TIMES = {};
    private static final int[] NO_COUNTS = {};
    private static final int FIRST_CAPACITY = 4;

    private long[] times = NO_TIMES;
    private int[] counts = NO_COUNTS;
    private int head;
    private int size;

    /**
     * Adds permits that were counted at {@code time} at the latest. A time before the newest entry's is taken for the
     * newest entry's.
     */
    void add(long time, int permits) {
        if (size > 0) {
            int newest = index(size - 1);
            if (time <= times[newest]) {
                counts[newest] += permits;
                return;
            }
        }
        if (size == times.length) {
            grow();
        }
        int next = index(size++);
        times[next] = time;
        counts[next] = permits;
    }

    /** Drops the oldest entry and returns its permits. */
    int removeOldest() {
        int permits = counts[head];
        head = head + 1 == times.length ? 0 : head + 1;
        if (--size == 0) {
            times = NO_TIMES;
            counts = NO_COUNTS;
            head = 0;
        }
        return permits;
    }

    /** Drops the oldest permits, of which there are that many. */
    void dropOldest(int permits) {
        int left = permits;
        while (left > 0 && counts[head] <= left) {
            left -= removeOldest();
        }
        if (left > 0) {
            counts[head] -= left;
        }
    }

    int size() {
        return size;
    }

    /** The time of an entry, counted from the oldest. */
    long time(int entry) {
        return times[index(entry)];
    }

    /** The permits of an entry, counted from the oldest. */
    int permits(int entry) {
        return counts[index(entry)];
    }

    private int index(int entry) {
        int index = head + entry;
        return index < times.length ? index : index - times.length;
    }

    private void grow() {
        int capacity = Math.max(FIRST_CAPACITY, times.length * 2);
        long[] biggerTimes = Arrays.copyOf(times, capacity);
        int[] biggerCounts = Arrays.copyOf(counts, capacity);
        for (int entry = 0; entry < size; entry++) {
            biggerTimes[entry] = times[index(entry)];
            biggerCounts[entry] = counts[index(entry)];
        }
        times = biggerTimes;
        counts = biggerCounts;
        head = 0;
    }
}
