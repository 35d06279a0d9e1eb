package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.StoreUnavailableException;
import io.sluice.web.EventStream.Message;
import io.sluice.web.EventStreams.Client;
import io.sluice.web.EventTopic.Entry;
import io.sluice.web.EventTopic.State;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Event streams with clients that read as the test says, in virtual time. */
class EventStreamsTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int PER_TEAM = 2;
    private static final int IN_ALL = 3;

    private final VirtualTime time = new VirtualTime();
    private final Things things = new Things();
    private final EventStreams streams = new EventStreams(List.of(things), new Configured(), time, time, Runnable::run);

    @Test
    void a_stream_begins_with_every_entry_and_goes_on_with_those_that_change() {
        things.set("a", 1);
        things.set("b", 1);
        Reader reader = open("growth");
        reader.reads(Long.MAX_VALUE);
        assertThat(reader.taken()).containsExactly("a=1", "b=1");

        things.set("b", 2);
        time.pass(INTERVAL);
        time.pass(INTERVAL);

        assertThat(reader.taken()).containsExactly("b=2");
    }

    @Test
    void a_client_that_reads_slowly_gets_the_newest_version_and_none_in_between() {
        things.set("a", 0);
        things.set("b", 0);
        Reader slow = open("growth");
        for (int version = 1; version <= 20; version++) {
            things.set("a", version);
            time.pass(INTERVAL);
        }

        slow.reads(10);

        assertThat(slow.taken()).containsExactly("a=20", "b=0");
    }

    @Test
    void a_client_that_stops_reading_is_disconnected_and_frees_its_place() {
        things.set("a", 1);
        Reader stopped = open("growth");
        Reader reading = open("growth");
        reading.reads(Long.MAX_VALUE);

        time.pass(Duration.ofSeconds(50));

        assertThat(stopped.disconnected).isTrue();
        assertThat(reading.disconnected).isFalse();
        assertThat(streams.open()).isEqualTo(1);
    }

    @Test
    void a_client_that_read_everything_there_was_is_left_alone() {
        things.set("a", 1);
        Reader reader = open("growth");
        for (int i = 0; i < 20; i++) {
            reader.reads(1);
            time.pass(Duration.ofSeconds(10));
        }

        assertThat(reader.disconnected).isFalse();
    }

    @Test
    void a_quiet_stream_has_heartbeats_and_a_busy_one_has_none() {
        Reader reader = open("growth");
        reader.reads(Long.MAX_VALUE);
        time.pass(Duration.ofSeconds(60));
        assertThat(reader.taken()).containsExactly("-", "-", "-");

        for (int version = 1; version <= 60; version++) {
            things.set("a", version);
            time.pass(INTERVAL);
        }

        assertThat(reader.taken()).hasSize(60).doesNotContain("-");
    }

    @Test
    void a_topic_is_read_once_for_all_streams_of_a_team_and_not_at_all_for_none() {
        Reader one = open("growth");
        Reader other = open("growth");
        int before = things.readings.get();
        time.pass(INTERVAL.multipliedBy(10));
        assertThat(things.readings.get() - before).isEqualTo(10);

        one.leaves();
        other.leaves();
        before = things.readings.get();
        time.pass(INTERVAL.multipliedBy(10));

        assertThat(things.readings.get()).isEqualTo(before);
        assertThat(time.runNext()).as("something is still scheduled").isFalse();
    }

    @Test
    void a_team_has_as_many_streams_as_it_may_and_another_team_has_its_own() {
        Reader first = open("growth");
        open("growth");

        ApiException refused = catchThrowableOfType(ApiException.class, () -> open("growth"));
        open("sales");
        first.leaves();
        open("growth");

        assertThat(refused.kind()).isEqualTo(Problem.Kind.TOO_MANY_REQUESTS);
        assertThat(refused.retryAfter()).isPresent();
        assertThat(streams.open()).isEqualTo(3);
    }

    @Test
    void all_teams_together_have_as_many_streams_as_there_may_be() {
        open("growth");
        open("growth");
        open("sales");

        ApiException refused = catchThrowableOfType(ApiException.class, () -> open("sales"));

        assertThat(refused.kind()).isEqualTo(Problem.Kind.TOO_MANY_REQUESTS);
    }

    @Test
    void streams_end_when_the_process_begins_to_stop_and_no_more_are_opened() {
        Reader reader = open("growth");
        reader.reads(Long.MAX_VALUE);

        streams.drain(new ShutdownDelayInitiatedEvent());

        assertThat(reader.completed).isTrue();
        assertThat(streams.open()).isZero();
        assertThat(catchThrowableOfType(ApiException.class, () -> open("growth"))
                        .kind())
                .isEqualTo(Problem.Kind.UNAVAILABLE);
    }

    @Test
    void a_store_that_is_away_is_told_to_a_new_client_and_outlived_by_others() {
        things.set("a", 1);
        Reader reader = open("growth");
        reader.reads(Long.MAX_VALUE);
        things.away = true;
        time.pass(INTERVAL.multipliedBy(3));
        assertThatThrownBy(() -> open("sales")).isInstanceOf(StoreUnavailableException.class);
        assertThat(streams.open()).isEqualTo(1);

        things.away = false;
        things.set("a", 2);
        time.pass(INTERVAL);

        assertThat(reader.taken()).containsExactly("a=1", "a=2");
    }

    /** Whatever the clients read and when: each ends with the newest version of every entry, and no version comes twice. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void every_client_ends_with_the_newest_version_of_every_entry(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Reader> readers = List.of(open("growth"), open("growth"), open("sales"));
        for (int step = 0; step < 2_000; step++) {
            switch (random.nextInt(3)) {
                case 0 -> things.set("key" + random.nextInt(5), step);
                case 1 -> readers.get(random.nextInt(3)).reads(random.nextInt(1, 3));
                default -> time.pass(Duration.ofMillis(random.nextInt(500)));
            }
            readers.forEach(reader -> reader.reads(random.nextInt(40) == 0 ? 20 : 0));
        }
        readers.forEach(reader -> reader.reads(100));
        time.pass(INTERVAL.multipliedBy(2));

        for (Reader reader : readers) {
            List<String> taken = reader.taken();
            Map<String, String> last = new HashMap<>();
            for (String each : taken) {
                if (!each.equals("-")) {
                    String[] parts = each.split("=", 2);
                    assertThat(last.put(parts[0], parts[1])).as(each).isNotEqualTo(parts[1]);
                }
            }
            assertThat(last).as("seed " + seed).isEqualTo(things.values);
        }
    }

    private Reader open(String team) {
        Reader reader = new Reader();
        streams.open(new Client(team, team, Set.of("things"), () -> reader.disconnected = true))
                .subscribe(reader);
        return reader;
    }

    /** A client that reads when it is told to. */
    @SuppressWarnings("NullAway.Init") // subscribed
    private static final class Reader implements Flow.Subscriber<Message> {
        private final List<String> taken = new ArrayList<>();
        private Flow.Subscription subscription;
        private boolean disconnected;
        private boolean completed;

        void reads(long messages) {
            if (messages > 0) {
                subscription.request(messages);
            }
        }

        void leaves() {
            subscription.cancel();
        }

        /** What came since this was asked last; a heartbeat is a dash. */
        List<String> taken() {
            List<String> since = List.copyOf(taken);
            taken.clear();
            return since;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(Message message) {
            taken.add(
                    switch (message) {
                        case Message.Event(String _, String json) -> json;
                        case Message.Heartbeat() -> "-";
                    });
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onComplete() {
            completed = true;
        }
    }

    /** A topic of things with versions, the same for every team. */
    private static final class Things implements EventTopic {
        private final Map<String, String> values = new LinkedHashMap<>();
        private final AtomicInteger readings = new AtomicInteger();
        private boolean away;

        void set(String key, int version) {
            values.put(key, Integer.toString(version));
        }

        @Override
        public String name() {
            return "things";
        }

        @Override
        public Duration interval() {
            return INTERVAL;
        }

        @Override
        public State read(@Nullable String team, State before) {
            readings.incrementAndGet();
            if (away) {
                throw new StoreUnavailableException(new SQLException("it is away"));
            }
            return before.next(values.entrySet().stream()
                    .map(each -> new Entry(each.getKey(), "thing", each.getKey() + "=" + each.getValue(), null))
                    .toList());
        }
    }

    private static final class Configured implements EventsConfig {
        @Override
        public int streamsPerTeam() {
            return PER_TEAM;
        }

        @Override
        public int maxStreams() {
            return IN_ALL;
        }

        @Override
        public Duration heartbeat() {
            return Duration.ofSeconds(15);
        }

        @Override
        public Duration stallTimeout() {
            return Duration.ofSeconds(30);
        }

        @Override
        public int maxWatched() {
            return 10;
        }
    }
}
