package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulation.VirtualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a process remembers of the calls that may not be made twice. */
class InFlightRequestsTest {
    private static final RecordedResponse ANSWER = new RecordedResponse(200, null, "", false);
    private static final int ROUNDS = 1_000;
    private static final int CALLERS = 4;

    private final VirtualTime time = new VirtualTime();
    private final InFlightRequests inFlight =
            new InFlightRequests(Configured.hosts(Map.of()).idempotency(), time);

    @Test
    void of_many_that_come_at_once_one_begins_and_the_others_get_its_answer() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            for (int round = 0; round < ROUNDS; round++) {
                String name = "call " + round;
                CountDownLatch together = new CountDownLatch(CALLERS);
                List<Future<InFlightRequests.Registration>> registrations = new ArrayList<>();
                for (int i = 0; i < CALLERS; i++) {
                    registrations.add(callers.submit(() -> {
                        together.countDown();
                        together.await();
                        return inFlight.beginUnlessKnown(name);
                    }));
                }
                List<InFlightRequests.Registration> all = new ArrayList<>();
                for (Future<InFlightRequests.Registration> registration : registrations) {
                    all.add(registration.get());
                }
                inFlight.end(name, all.getFirst().call(), ANSWER);

                assertThat(all).filteredOn(InFlightRequests.Registration::begun).hasSize(1);
                assertThat(all)
                        .allSatisfy(registration ->
                                assertThat(registration.call().answer()).isCompletedWithValue(Optional.of(ANSWER)));
            }
        }
    }

    @Test
    void what_is_under_way_is_known_however_much_there_is_and_of_the_rest_the_latest() {
        List<String> names = List.of("a", "b", "c", "d", "e");
        List<InFlightRequests.Entry> entries =
                names.stream().map(inFlight::begin).toList();
        time.pass(Duration.ofSeconds(1_000));
        assertThat(names).noneMatch(name -> inFlight.beginUnlessKnown(name).begun());

        for (int i = 0; i < entries.size(); i++) {
            inFlight.end(names.get(i), entries.get(i), ANSWER);
        }

        assertThat(names.reversed())
                .extracting(name -> inFlight.beginUnlessKnown(name).begun())
                .containsExactly(false, false, false, true, true);
    }

    @Test
    void an_answer_is_known_for_a_minute_after_it_came() {
        InFlightRequests.Entry slow = inFlight.begin("a");
        time.pass(Duration.ofSeconds(100));
        inFlight.end("a", slow, ANSWER);

        time.pass(Duration.ofSeconds(60));
        boolean soon = inFlight.beginUnlessKnown("a").begun();
        time.pass(Duration.ofSeconds(1));
        boolean late = inFlight.beginUnlessKnown("a").begun();

        assertThat(soon).isFalse();
        assertThat(late).isTrue();
    }

    @Test
    void what_was_not_carried_out_is_forgotten_before_those_who_wait_for_it_wake() {
        InFlightRequests.Entry first = inFlight.begin("a");
        Future<InFlightRequests.Registration> woken =
                first.answer().thenApply(answer -> inFlight.beginUnlessKnown("a"));

        inFlight.end("a", first, null);

        assertThat(woken.resultNow().begun()).isTrue();
        assertThat(inFlight.beginUnlessKnown("a").begun()).isFalse();
    }

    @Test
    void a_call_that_took_another_s_place_keeps_it() {
        InFlightRequests.Entry first = inFlight.begin("a");
        InFlightRequests.Entry second = inFlight.begin("a");

        inFlight.end("a", first, ANSWER);

        assertThat(first.answer()).isCompletedWithValue(Optional.of(ANSWER));
        assertThat(inFlight.beginUnlessKnown("a").call()).isSameAs(second);
        inFlight.end("a", second, null);
        assertThat(inFlight.beginUnlessKnown("a").call()).isSameAs(first);
    }

    @Test
    void a_call_whose_place_was_taken_by_one_that_is_not_carried_out_is_known_still() {
        InFlightRequests.Entry slow = inFlight.begin("slow");
        inFlight.end("slow", inFlight.begin("slow"), null);
        InFlightRequests.Entry done = inFlight.begin("done");
        inFlight.end("done", done, ANSWER);
        inFlight.end("done", inFlight.begin("done"), null);

        assertThat(inFlight.beginUnlessKnown("slow").call()).isSameAs(slow);
        assertThat(inFlight.beginUnlessKnown("done").call()).isSameAs(done);
        inFlight.end("slow", slow, null);
        assertThat(inFlight.beginUnlessKnown("slow").begun()).isTrue();
    }

    @Test
    void an_answered_call_does_not_hold_those_before_it() {
        WeakReference<InFlightRequests.Entry> first = answered("a");
        WeakReference<InFlightRequests.Entry> second = answered("a");

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (first.get() != null && System.nanoTime() - end < 0) {
            System.gc();
        }

        assertThat(first.get()).isNull();
        assertThat(inFlight.beginUnlessKnown("a").call()).isSameAs(second.get());
    }

    private WeakReference<InFlightRequests.Entry> answered(String name) {
        InFlightRequests.Entry entry = inFlight.begin(name);
        inFlight.end(name, entry, ANSWER);
        return new WeakReference<>(entry);
    }
}
