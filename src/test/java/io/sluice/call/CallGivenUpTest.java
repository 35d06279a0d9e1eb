package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Permit;
import io.sluice.budget.QueuePosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What happens to a call's permit and connection when an attempt of it, or all of it, is given up. */
class CallGivenUpTest {
    private final List<String> events = new ArrayList<>();
    private final Wire wire = new Wire(true);
    private final Call call = call(Operation.write("write", "limit"));

    @Test
    void the_permit_is_settled_only_when_the_connection_is_gone() {
        call.attempts().beforeSettling(() -> events.add("landing"));
        send("p1", wire);

        call.attempts().giveUp();
        assertThat(events).containsExactly("sent p1", "reset");
        wire.gone.complete(null);

        assertThat(events).containsExactly("sent p1", "reset", "landing", "gave up p1");
        assertThat(call.attempts().outcomeUnknown()).isTrue();
    }

    @Test
    void an_attempt_keeps_the_hook_with_which_it_was_sent() {
        try (Attempts.SettlementHook _ = call.attempts().beforeSettling(() -> events.add("landing"))) {
            send("p1", wire);
        }

        call.attempts().giveUp();
        wire.gone.complete(null);
        send("p2", new Wire(true));
        call.attempts().takeSent(2).orElseThrow().beforeSettling().run();

        assertThat(events).containsExactly("sent p1", "reset", "landing", "gave up p1", "sent p2");
    }

    @Test
    void a_way_out_of_a_wait_is_taken_only_while_it_is_registered() {
        Cancellation cancellation = call.cancellation();
        try (Cancellation.Registration outer = cancellation.onLeave(() -> events.add("left the queue"))) {
            try (Cancellation.Registration _ = cancellation.onLeave(() -> events.add("left the flight"))) {
                call.withdraw();
            }
            call.withdraw();
            assertThat(outer).isNotNull();
        }
        call.abandon();

        assertThat(events).containsExactly("left the queue", "left the flight", "left the queue");
        cancellation.onLeave(() -> events.add("left at once"));
        assertThat(events).last().isEqualTo("left at once");
    }

    @Test
    void an_attempt_is_given_up_once_whoever_is_first() {
        send("p1", wire);

        call.attempts().giveUp();
        call.attempts().giveUp(1, false);
        wire.gone.complete(null);
        call.attempts().giveUp();

        assertThat(events).containsExactly("sent p1", "reset", "gave up p1");
        assertThat(call.attempts().takeSent(1)).isEmpty();
    }

    @Test
    void a_thread_that_is_late_cannot_settle_the_next_attempt() {
        send("p1", wire);
        call.attempts().giveUp();
        wire.gone.complete(null);
        send("p2", new Wire(true));

        assertThat(call.attempts().takeSent(1)).isEmpty();
        call.attempts().giveUp(1, false);

        assertThat(events).containsExactly("sent p1", "reset", "gave up p1", "sent p2");
        assertThat(call.attempts().takeSent(2)).isPresent();
    }

    @Test
    void what_was_never_sent_is_known_not_to_be_done() {
        call.attempts().beforeSettling(() -> events.add("landing"));
        Wire connecting = new Wire(false);
        send("p1", connecting);

        call.attempts().giveUp();
        connecting.gone.complete(null);

        assertThat(events).containsExactly("sent p1", "reset", "gave up p1");
        assertThat(call.attempts().outcomeUnknown()).isFalse();
    }

    @Test
    void an_answer_that_nobody_took_when_the_attempt_was_given_up_loses_its_connection() {
        send("p1", wire);
        call.attempts().takeSent(1).orElseThrow().permit().complete(LimitFeedback.NONE);

        call.attempts().giveUp();

        assertThat(events).containsExactly("sent p1", "answered p1", "reset");
    }

    @Test
    void a_connection_that_has_gone_back_to_the_pool_is_left_alone() {
        send("p1", wire);
        call.attempts().takeSent(1).orElseThrow().permit().complete(LimitFeedback.NONE);
        call.attempts().finished();

        call.attempts().giveUp();

        assertThat(events).containsExactly("sent p1", "answered p1");
    }

    @Test
    void a_call_whose_time_is_over_makes_no_attempt() {
        call.drive(Thread.ofVirtual().unstarted(() -> {}), () -> {});
        call.cancellation().onLeave(() -> events.add("left the queue"));

        call.expire();
        call.hold(new Recorded("p1"), Duration.ZERO);

        assertThat(events).containsExactly("left the queue", "gave back p1");
        assertThat(call.spendPermit(wire)).isFalse();
        assertThat(call.expired()).isTrue();
    }

    @Test
    void an_answer_that_came_first_counts() {
        call.drive(Thread.ofVirtual().unstarted(() -> {}), () -> {});
        send("p1", wire);
        call.attempts().takeSent(1).orElseThrow().permit().complete(LimitFeedback.NONE);
        call.answered();

        call.expire();

        assertThat(call.expired()).isFalse();
        assertThat(events).containsExactly("sent p1", "answered p1");
    }

    /** The pause between two attempts lies in the retries, on the thread that makes the call. */
    @Test
    void a_call_whose_time_is_over_in_a_pause_wakes_the_thread_that_waits_there() {
        call.drive(Thread.currentThread(), () -> {});
        send("p1", wire);
        call.attempts().takeSent(1).orElseThrow().permit().complete(LimitFeedback.NONE);
        call.attempts().finished();

        call.expire();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(call.release(Duration.ZERO)).isTrue();
        call.hold(new Recorded("p2"), Duration.ZERO);
        assertThat(events).containsExactly("sent p1", "answered p1", "gave back p2");
    }

    @Test
    void a_call_whose_time_is_over_while_an_attempt_is_under_way_wakes_no_thread() {
        call.drive(Thread.currentThread(), () -> {});
        send("p1", wire);

        call.expire();

        assertThat(Thread.interrupted()).isFalse();
        assertThat(events).containsExactly("sent p1", "reset");
    }

    @Test
    void no_permit_is_waited_for_beyond_the_time_of_the_call() {
        assertThat(call.maxWait(40)).isEqualTo(Duration.ofNanos(60));
        call.endBy(70);
        assertThat(call.maxWait(40)).isEqualTo(Duration.ofNanos(30));
        call.endBy(200);
        assertThat(call.maxWait(40)).isEqualTo(Duration.ofNanos(60));
    }

    @Test
    void a_thread_that_goes_on_to_other_things_is_not_woken() {
        call.drive(Thread.currentThread(), () -> {});
        assertThat(call.release(Duration.ofMillis(7))).isFalse();

        call.expire();

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(call.times().sending()).isEqualTo(Duration.ofMillis(7));
    }

    private void send(String permit, Wire exchange) {
        call.hold(new Recorded(permit), Duration.ZERO);
        assertThat(call.spendPermit(exchange)).isTrue();
    }

    private static Call call(Operation operation) {
        return CallBuilder.of("POST", "/x")
                .account(CallBuilder.account("vendor", "a"))
                .operation(operation)
                .deadline(100)
                .make();
    }

    private final class Wire implements Exchange {
        private final boolean begun;
        private final CompletableFuture<Void> gone = new CompletableFuture<>();

        Wire(boolean begun) {
            this.begun = begun;
        }

        @Override
        public boolean begun() {
            return begun;
        }

        @Override
        public CompletionStage<Void> reset() {
            events.add("reset");
            return gone;
        }
    }

    private final class Recorded implements Permit {
        private final String name;

        Recorded(String name) {
            this.name = name;
        }

        @Override
        public boolean send() {
            events.add("sent " + name);
            return true;
        }

        @Override
        public boolean reassign(String operation) {
            return false;
        }

        @Override
        public void complete(LimitFeedback answer) {
            events.add("answered " + name);
        }

        @Override
        public void abandon() {
            events.add("gave up " + name);
        }

        @Override
        public void release() {
            events.add("gave back " + name);
        }

        @Override
        public QueuePosition position() {
            return new QueuePosition(0);
        }
    }
}
