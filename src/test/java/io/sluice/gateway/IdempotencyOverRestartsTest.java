package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.call.Body;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that SDKs repeat to another process than the one that took the first. */
class IdempotencyOverRestartsTest extends IdempotencyCalls {
    @TempDir
    Path directory;

    @Test
    void gets_the_first_answer_for_a_minute_and_is_made_again_then() throws InterruptedException {
        Database database = TestDatabase.sqlite(directory.resolve("db"));
        process(database).filter(incoming("a", Map.of()), answering(200, "first"));

        Response again = process(database).filter(incoming("a", AGAIN), answering(200, "second"));
        time.pass(Duration.ofSeconds(61));
        Response late = process(database).filter(incoming("a", AGAIN), answering(200, "third"));

        assertThat(again.getEntity()).isEqualTo("first");
        assertThat(again.getHeaderString("Sluice-Replayed")).isEqualTo("true");
        assertThat(late.getEntity()).isEqualTo("third");
        assertThat(made).hasValue(2);
    }

    @Test
    void what_was_under_way_when_the_process_died_is_unknown_and_not_made_again() throws InterruptedException {
        Database database = TestDatabase.sqlite(directory.resolve("db"));
        dies(process(database), "a");

        Response again = process(database).filter(incoming("a", AGAIN), answering(200, "second"));
        Response other = process(database).filter(incoming("b", AGAIN), answering(200, "other"));

        assertThat(again.getStatus()).isEqualTo(409);
        assertThat(again.getHeaderString("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(other.getEntity()).isEqualTo("other");
        assertThat(made).hasValue(1);
    }

    @Test
    void what_surely_was_not_carried_out_is_made_again() throws InterruptedException {
        Database database = TestDatabase.sqlite(directory.resolve("db"));
        process(database).filter(incoming("a", Map.of()), answering(429, "no permit"));

        Response again = process(database).filter(incoming("a", AGAIN), answering(200, "second"));

        assertThat(again.getEntity()).isEqualTo("second");
    }

    @Test
    void an_equal_call_that_is_no_repetition_is_made_and_answers_for_both() throws InterruptedException {
        Database database = TestDatabase.sqlite(directory.resolve("db"));
        process(database).filter(incoming("a", Map.of()), answering(200, "first"));
        process(database).filter(incoming("a", Map.of()), answering(200, "second"));

        Response again = process(database).filter(incoming("a", AGAIN), answering(200, "third"));

        assertThat(again.getEntity()).isEqualTo("second");
        assertThat(made).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void another_process_that_shares_the_store_is_waited_for(boolean keyed) throws InterruptedException {
        Map<String, String> repeating = keyed ? KEY : AGAIN;
        Database database = TestDatabase.postgresql();
        SluiceProcess here = process(database);
        SluiceProcess there = process(database);

        Response[] again = new Response[1];
        here.filter(incoming("a", keyed ? KEY : Map.of()), () -> {
            AtomicInteger looks = new AtomicInteger();
            meanwhile = () -> {
                if (looks.incrementAndGet() == 3) {
                    throw new AnsweredMeanwhile();
                }
            };
            // It looks, waits, and looks again, for as long as there is no answer.
            try {
                there.filter(incoming("a", repeating), answering(200, "second"));
            } catch (AnsweredMeanwhile waited) {
                made.incrementAndGet();
            }
            meanwhile = () -> {};
            return Response.ok("first").build();
        });
        again[0] = there.filter(incoming("a", repeating), answering(200, "second"));

        assertThat(again[0].getEntity()).isEqualTo("first");
        assertThat(made).hasValue(1);
    }

    @Test
    void another_process_that_never_answers_is_not_waited_for_longer_than_a_minute() throws InterruptedException {
        Database database = TestDatabase.postgresql();
        dies(process(database), "a");
        meanwhile = () -> time.pass(Duration.ofSeconds(20));

        Response again = process(database).filter(incoming("a", AGAIN), answering(200, "second"));

        assertThat(again.getStatus()).isEqualTo(409);
        assertThat(time.instant()).isEqualTo(VirtualTime.START.plusSeconds(60));
        assertThat(made).hasValue(0);
    }

    @Test
    void another_process_is_not_waited_for_once_the_caller_has_left() throws InterruptedException {
        Database database = TestDatabase.postgresql();
        dies(process(database), "a");
        CompletableFuture<Void> disconnected = new CompletableFuture<>();
        meanwhile = () -> {
            time.pass(Duration.ofSeconds(1));
            disconnected.complete(null);
        };

        process(database).filter(incoming("a", AGAIN, disconnected), answering(200, "second"));

        assertThat(time.instant()).isEqualTo(VirtualTime.START.plusSeconds(1));
        assertThat(made).hasValue(0);
    }

    @Test
    void a_key_whose_call_died_is_waited_for_a_minute_once_and_unknown_for_a_day() throws InterruptedException {
        Database database = TestDatabase.postgresql();
        SluiceProcess died = process(database);
        assertThatThrownBy(() -> died.filter(incoming("a", KEY), () -> {
                    throw new Died();
                }))
                .isInstanceOf(Died.class);
        time.pass(Duration.ofSeconds(45));
        meanwhile = () -> time.pass(Duration.ofSeconds(5));

        Response again = process(database).filter(incoming("a", KEY), answering(200, "second"));
        Response later = process(database).filter(incoming("a", KEY), answering(200, "third"));
        Instant waited = time.instant();
        time.pass(Duration.ofDays(1));
        Response late = process(database).filter(incoming("a", KEY), answering(200, "fourth"));

        assertThat(again.getStatus()).isEqualTo(409);
        assertThat(later.getStatus()).isEqualTo(409);
        assertThat(waited).isEqualTo(VirtualTime.START.plusSeconds(60));
        assertThat(late.getEntity()).isEqualTo("fourth");
        assertThat(made).hasValue(1);
    }

    @Test
    void a_minute_counts_from_the_first_call_however_late_it_is_repeated() throws InterruptedException {
        Database database = TestDatabase.postgresql();
        dies(process(database), "a");
        time.pass(Duration.ofSeconds(45));
        meanwhile = () -> time.pass(Duration.ofSeconds(5));

        Response again = process(database).filter(incoming("a", AGAIN), answering(200, "second"));

        assertThat(again.getStatus()).isEqualTo(409);
        assertThat(time.instant()).isEqualTo(VirtualTime.START.plusSeconds(60));
        assertThat(made).hasValue(0);
    }

    @Test
    void what_cannot_be_compared_is_refused_where_it_might_be_a_repetition() throws InterruptedException {
        SluiceProcess process = process(TestDatabase.sqlite(directory.resolve("db")));
        Body large = new Body.Streaming(InputStream.nullInputStream(), 10_000);
        Body crowded = new Body.Streaming(InputStream.nullInputStream(), 100);

        assertThat(process.filter(incoming(SEND, large, Map.of()), answering(200, "made"))
                        .getStatus())
                .isEqualTo(200);
        Response repeated = process.filter(incoming(SEND, large, AGAIN), answering(200, ""));
        assertThat(repeated.getStatus()).isEqualTo(409);
        assertThat(repeated.getHeaderString("Sluice-Outcome")).isEqualTo("unknown");
        Response busy = process.filter(incoming(SEND, crowded, Map.of()), answering(200, ""));
        assertThat(busy.getStatus()).isEqualTo(429);
        assertThat(busy.getHeaderString("Retry-After")).isEqualTo("1");
        Map<String, String> key = Map.of("Idempotency-Key", "k");
        assertThat(process.filter(incoming(TRACK, large, key), answering(200, ""))
                        .getStatus())
                .isEqualTo(413);
        assertThat(process.filter(incoming(TRACK, large, AGAIN), answering(200, ""))
                        .getStatus())
                .isEqualTo(200);
        assertThat(made).hasValue(2);
    }

    @Test
    void other_calls_are_known_in_their_own_process_only() throws InterruptedException {
        Database database = TestDatabase.sqlite(directory.resolve("db"));
        Body body = new Body.Buffered(new byte[] {1});
        process(database).filter(incoming(TRACK, body, Map.of()), answering(200, "first"));

        Response again = process(database).filter(incoming(TRACK, body, AGAIN), answering(200, "second"));

        assertThat(again.getEntity()).isEqualTo("second");
    }

    private static final class AnsweredMeanwhile extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private void dies(SluiceProcess process, String body) throws InterruptedException {
        try {
            process.filter(incoming(body, Map.of()), () -> {
                throw new Died();
            });
        } catch (Died gone) {
            // Nothing is written down afterwards, as if the process had been killed.
            assertThat(gone).isNotNull();
        }
    }
}
