package io.sluice.delivery;

import io.sluice.gateway.StubVendor;
import io.sluice.gateway.StubVendor.Answer;
import io.sluice.gateway.StubVendor.Received;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The behaviour of a vendor that takes a call every 10 ms and answers it after 20 ms more; a call that comes sooner waits. It
 * takes one event or many in a call, and counts them. Thread-safe.
 */
final class RatedAnswers implements StubVendor.Behaviour {
    private static final long SLOT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long ROUND_TRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Answer ANSWER = StubVendor.answer(200, "{}", "Content-Type: application/json");
    private static final String EVENT = "\"action\":";

    private final AtomicLong nextSlot = new AtomicLong(System.nanoTime());
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong events = new AtomicLong();

    long calls() {
        return calls.get();
    }

    long events() {
        return events.get();
    }

    @Override
    public Answer answer(Received request) throws InterruptedException {
        long slot = nextSlot.accumulateAndGet(System.nanoTime(), (last, now) -> Math.max(last + SLOT_NANOS, now));
        TimeUnit.NANOSECONDS.sleep(slot - System.nanoTime() + ROUND_TRIP_NANOS);
        calls.incrementAndGet();
        events.addAndGet(count(request.body()));
        return ANSWER;
    }

    private static int count(String body) {
        int found = 0;
        for (int at = body.indexOf(EVENT); at >= 0; at = body.indexOf(EVENT, at + 1)) {
            found++;
        }
        return found;
    }
}
