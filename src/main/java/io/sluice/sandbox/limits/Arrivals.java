package io.sluice.sandbox.limits;

import java.util.Arrays;

/** A queue of times in the order of arrival, in a growing ring of primitives. Not thread-safe. */
final class Arrivals {
    private long[] ring = new long[16];
    private int head;
    private int size;

    void add(long time) {
        if (size == ring.length) {
            grow();
        }
        ring[(head + size) % ring.length] = time;
        size++;
    }

    /** Removes every time at or before {@code limit}. */
    void dropUpTo(long limit) {
        while (size > 0 && ring[head] - limit <= 0) {
            head = (head + 1) % ring.length;
            size--;
        }
    }

    int size() {
        return size;
    }

    /** The time {@code index} places after the oldest. */
    long get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("index " + index + " of " + size);
        }
        return ring[(head + index) % ring.length];
    }

    private void grow() {
        long[] larger = Arrays.copyOf(ring, ring.length * 2);
        for (int i = 0; i < size; i++) {
            larger[i] = ring[(head + i) % ring.length];
        }
        ring = larger;
        head = 0;
    }
}
