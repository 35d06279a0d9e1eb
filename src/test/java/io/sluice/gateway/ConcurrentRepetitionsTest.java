package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.call.Body;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import jakarta.ws.rs.core.Response;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls that are repeated, more than once, while the first one is still under way. */
@Timeout(60)
class ConcurrentRepetitionsTest extends IdempotencyCalls {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    @TempDir
    Path directory;

    /** The first is shed, both repetitions wake at once: one takes over, and the other waits for that one. */
    @ParameterizedTest
    @EnumSource(Database.Kind.class)
    void one_of_two_repetitions_takes_over_from_a_first_call_that_was_not_carried_out(Database.Kind kind)
            throws Exception {
        oneTakesOver(kind, Map.of(), AGAIN);
    }

    @ParameterizedTest
    @EnumSource(Database.Kind.class)
    void a_key_whose_first_call_was_not_carried_out_meanwhile_is_made(Database.Kind kind) throws Exception {
        oneTakesOver(kind, KEY, KEY);
    }

    private void oneTakesOver(Database.Kind kind, Map<String, String> headers, Map<String, String> repeated)
            throws Exception {
        SluiceProcess process = process(database(kind));
        Outstanding first = new Outstanding(process, incoming("a", headers), held(answering(429, "no permit")));
        begun.await();
        Outstanding second = new Outstanding(process, incoming("a", repeated), answering(200, "again"));
        Outstanding third = new Outstanding(process, incoming("a", repeated), answering(200, "again"));
        second.awaitWaiting();
        third.awaitWaiting();

        over.countDown();

        assertThat(first.answer().getStatus()).isEqualTo(429);
        assertThat(second.answer().getEntity()).isEqualTo("again");
        assertThat(third.answer().getEntity()).isEqualTo("again");
        assertThat(made).hasValue(2);
    }

    /** The same with a process for each: both have seen that the first was begun, and look again when it is undone. */
    @Test
    void one_process_of_two_takes_over_from_a_first_call_that_was_not_carried_out() throws Exception {
        Database database = TestDatabase.postgresql();
        CountDownLatch looked = new CountDownLatch(2);
        CountDownLatch undone = new CountDownLatch(1);
        CountDownLatch lookedAgain = new CountDownLatch(1);
        meanwhile = () -> {
            if (undone.getCount() == 0) {
                lookedAgain.countDown();
            }
            looked.countDown();
            await(undone);
        };
        Execution slowly = () -> {
            Response answer = answering(200, "again").run();
            lookedAgain.await(10, TimeUnit.SECONDS);
            return answer;
        };
        Outstanding first =
                new Outstanding(process(database), incoming("a", Map.of()), held(answering(429, "no permit")));
        begun.await();
        Outstanding second = new Outstanding(process(database), incoming("a", AGAIN), slowly);
        Outstanding third = new Outstanding(process(database), incoming("a", AGAIN), slowly);
        looked.await();

        over.countDown();
        first.answer();
        undone.countDown();

        assertThat(second.answer().getEntity()).isEqualTo("again");
        assertThat(third.answer().getEntity()).isEqualTo("again");
        assertThat(made).hasValue(2);
    }

    /** Else it would find the first call begun, and take it for one that died. */
    @Test
    void a_repetition_waits_until_it_is_written_that_the_first_call_was_not_carried_out() throws Exception {
        AtomicReference<Runnable> lending = new AtomicReference<>(() -> {});
        SluiceProcess process = process(
                TestDatabase.sqlite(directory.resolve("db"), () -> lending.get().run()));
        Outstanding first = new Outstanding(process, incoming("a", Map.of()), held(answering(429, "no permit")));
        begun.await();
        Outstanding second = new Outstanding(process, incoming("a", AGAIN), answering(200, "again"));
        second.awaitWaiting();
        CompletableFuture<Boolean> waits = new CompletableFuture<>();
        lending.set(() -> waits.complete(second.waits()));

        over.countDown();

        assertThat(first.answer().getStatus()).isEqualTo(429);
        assertThat(second.answer().getEntity()).isEqualTo("again");
        assertThat(waits).isCompletedWithValue(true);
    }

    @Test
    void a_repetition_whose_caller_leaves_while_it_waits_is_not_made() throws Exception {
        SluiceProcess process = process(database(Database.Kind.SQLITE));
        CompletableFuture<Void> disconnected = new CompletableFuture<>();
        Outstanding first = new Outstanding(process, incoming("a", Map.of()), held(answering(429, "no permit")));
        begun.await();
        Outstanding second = new Outstanding(process, incoming("a", AGAIN, disconnected), answering(200, "again"));
        second.awaitWaiting();

        disconnected.complete(null);

        assertThat(second.answer().getStatus()).isEqualTo(ResponseForwarder.CLIENT_CLOSED_REQUEST);
        over.countDown();
        assertThat(first.answer().getStatus()).isEqualTo(429);
        assertThat(process.filter(incoming("a", AGAIN), answering(200, "third")).getEntity())
                .isEqualTo("third");
        assertThat(made).hasValue(2);
    }

    @Test
    void a_repetition_that_is_interrupted_while_it_waits_leaves_the_others_alone() throws Exception {
        SluiceProcess process = process(database(Database.Kind.SQLITE));
        Outstanding first = new Outstanding(process, incoming("a", Map.of()), held(answering(200, "first")));
        begun.await();
        Outstanding second = new Outstanding(process, incoming("a", AGAIN), answering(200, "again"));
        Outstanding third = new Outstanding(process, incoming("a", AGAIN), answering(200, "again"));
        second.awaitWaiting();
        third.awaitWaiting();

        second.thread.interrupt();

        assertThatThrownBy(second::answer).hasCauseInstanceOf(InterruptedException.class);
        over.countDown();
        assertThat(first.answer().getEntity()).isEqualTo("first");
        assertThat(third.answer().getEntity()).isEqualTo("first");
        assertThat(made).hasValue(1);
    }

    @Test
    void a_call_that_breaks_off_within_sluice_may_have_been_sent_and_is_not_made_again() throws Exception {
        SluiceProcess process = process(database(Database.Kind.SQLITE));
        Body body = new Body.Buffered(new byte[] {1});
        Outstanding first = new Outstanding(process, incoming(TRACK, body, Map.of()), held(() -> {
            throw new IllegalStateException("broken");
        }));
        begun.await();
        Outstanding second = new Outstanding(process, incoming(TRACK, body, AGAIN), answering(200, "again"));
        second.awaitWaiting();

        over.countDown();

        assertThatThrownBy(first::answer).hasMessageContaining("broken");
        assertThat(second.answer().getStatus()).isEqualTo(500);
        assertThat(second.answer().getHeaderString("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(made).hasValue(0);
    }

    private Database database(Database.Kind kind) {
        return switch (kind) {
            case SQLITE -> TestDatabase.sqlite(directory.resolve("db"));
            case POSTGRESQL -> TestDatabase.postgresql();
        };
    }

    /** Makes the call once the test says so. */
    private Execution held(Execution make) {
        return () -> {
            begun.countDown();
            over.await();
            return make.run();
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A call on a thread of its own. */
    private static final class Outstanding {
        private final CompletableFuture<Response> answer = new CompletableFuture<>();
        private final Thread thread;

        Outstanding(SluiceProcess process, MountCall incoming, Execution make) {
            thread = Thread.ofPlatform().daemon().start(() -> {
                try {
                    answer.complete(process.filter(incoming, make));
                } catch (InterruptedException | RuntimeException e) {
                    answer.completeExceptionally(e);
                }
            });
        }

        Response answer() throws Exception {
            return answer.get();
        }

        /** Whether it waits for another call, rather than for a lock or the database. */
        boolean waits() {
            return thread.getState() == Thread.State.TIMED_WAITING;
        }

        void awaitWaiting() {
            while (!waits()) {
                assertThat(answer).isNotDone();
                Thread.onSpinWait();
            }
        }
    }
}
