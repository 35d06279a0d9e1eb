package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Instant;
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
class RecentCallsTest {
    private static final Optional<Recorded> ANSWER = Optional.of(new Recorded(200, Optional.empty(), "", false));
    private static final int ROUNDS = 1_000;
    private static final int CALLERS = 4;

    private Instant now = Instant.EPOCH;
    private final RecentCalls recent =
            new RecentCalls(Configured.hosts(Map.of()).repeats(), () -> now);

    @Test
    void of_many_that_come_at_once_one_begins_and_the_others_get_its_answer() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            for (int round = 0; round < ROUNDS; round++) {
                String name = "call " + round;
                CountDownLatch together = new CountDownLatch(CALLERS);
                List<Future<RecentCalls.Turn>> turns = new ArrayList<>();
                for (int i = 0; i < CALLERS; i++) {
                    turns.add(callers.submit(() -> {
                        together.countDown();
                        together.await();
                        return recent.beginUnlessKnown(name);
                    }));
                }
                List<RecentCalls.Turn> all = new ArrayList<>();
                for (Future<RecentCalls.Turn> turn : turns) {
                    all.add(turn.get());
                }
                recent.end(name, all.getFirst().call(), ANSWER);

                assertThat(all).filteredOn(RecentCalls.Turn::begun).hasSize(1);
                assertThat(all)
                        .allSatisfy(turn -> assertThat(turn.call().answer()).isCompletedWithValue(ANSWER));
            }
        }
    }

    @Test
    void what_is_under_way_is_known_however_much_there_is_and_of_the_rest_the_latest() {
        List<String> names = List.of("a", "b", "c", "d", "e");
        List<RecentCalls.Entry> entries = names.stream().map(recent::begin).toList();
        now = now.plusSeconds(1_000);
        assertThat(names).noneMatch(name -> recent.beginUnlessKnown(name).begun());

        for (int i = 0; i < entries.size(); i++) {
            recent.end(names.get(i), entries.get(i), ANSWER);
        }

        assertThat(names.reversed())
                .extracting(name -> recent.beginUnlessKnown(name).begun())
                .containsExactly(false, false, false, true, true);
    }

    @Test
    void an_answer_is_known_for_a_minute_after_it_came() {
        RecentCalls.Entry slow = recent.begin("a");
        now = now.plusSeconds(100);
        recent.end("a", slow, ANSWER);

        now = now.plusSeconds(60);
        boolean soon = recent.beginUnlessKnown("a").begun();
        now = now.plusSeconds(1);
        boolean late = recent.beginUnlessKnown("a").begun();

        assertThat(soon).isFalse();
        assertThat(late).isTrue();
    }

    @Test
    void what_was_not_carried_out_is_forgotten_before_those_who_wait_for_it_wake() {
        RecentCalls.Entry first = recent.begin("a");
        Future<RecentCalls.Turn> woken = first.answer().thenApply(answer -> recent.beginUnlessKnown("a"));

        recent.end("a", first, Optional.empty());

        assertThat(woken.resultNow().begun()).isTrue();
        assertThat(recent.beginUnlessKnown("a").begun()).isFalse();
    }

    @Test
    void a_call_that_took_another_s_place_keeps_it() {
        RecentCalls.Entry first = recent.begin("a");
        RecentCalls.Entry second = recent.begin("a");

        recent.end("a", first, ANSWER);

        assertThat(first.answer()).isCompletedWithValue(ANSWER);
        assertThat(recent.beginUnlessKnown("a").call()).isSameAs(second);
        recent.end("a", second, Optional.empty());
        assertThat(recent.beginUnlessKnown("a").call()).isSameAs(first);
    }

    @Test
    void a_call_whose_place_was_taken_by_one_that_is_not_carried_out_is_known_still() {
        RecentCalls.Entry slow = recent.begin("slow");
        recent.end("slow", recent.begin("slow"), Optional.empty());
        RecentCalls.Entry done = recent.begin("done");
        recent.end("done", done, ANSWER);
        recent.end("done", recent.begin("done"), Optional.empty());

        assertThat(recent.beginUnlessKnown("slow").call()).isSameAs(slow);
        assertThat(recent.beginUnlessKnown("done").call()).isSameAs(done);
        recent.end("slow", slow, Optional.empty());
        assertThat(recent.beginUnlessKnown("slow").begun()).isTrue();
    }

    @Test
    void an_answered_call_does_not_hold_those_before_it() {
        WeakReference<RecentCalls.Entry> first = answered("a");
        WeakReference<RecentCalls.Entry> second = answered("a");

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (first.get() != null && System.nanoTime() - end < 0) {
            System.gc();
        }

        assertThat(first.get()).isNull();
        assertThat(recent.beginUnlessKnown("a").call()).isSameAs(second.get());
    }

    private WeakReference<RecentCalls.Entry> answered(String name) {
        RecentCalls.Entry entry = recent.begin(name);
        recent.end(name, entry, ANSWER);
        return new WeakReference<>(entry);
    }
}
