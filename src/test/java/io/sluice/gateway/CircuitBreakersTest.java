package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.AccountId;
import io.sluice.CapturedLog;
import io.sluice.InvalidConfigException;
import io.sluice.budget.TeamShare;
import io.sluice.call.Call;
import io.sluice.call.CallBuilder;
import io.sluice.call.Operation;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.simulation.VirtualTime;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CircuitBreakersTest {
    private static final int FAILURES = 3;
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private final VirtualTime time = new VirtualTime();
    private CircuitBreakers breakers = breakers(Duration.ofHours(1));

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(CircuitBreakers.class);

    private record Config(int failures, Duration delay, Duration failureWindow) implements CircuitBreakerConfig {}

    @Test
    void opens_for_one_operation_of_one_account_when_so_many_calls_in_a_row_have_failed() {
        fail("one", "/1");
        fail("one", "/2");
        assertThat(breakers.isOpenFor(call("one", "/1"))).isFalse();

        fail("two", "/1");

        assertThat(breakers.isOpenFor(call("three", "/3"))).isTrue();
        assertThat(breakers.opensIn(call("three", "/3"))).isEqualTo(Duration.ofHours(1));
        assertThatThrownBy(() -> breakers.send(call("three", "/3"), _ -> {
                    throw new AssertionError("nothing may be sent");
                }))
                .isInstanceOf(CircuitBreakerOpenException.class);
        assertThat(breakers.send(call("one", "/1", "other", "read"), CircuitBreakersTest::succeeds)
                        .getStatus())
                .as("another account")
                .isEqualTo(200);
        assertThat(breakers.send(call("one", "/1", "default", "list"), CircuitBreakersTest::succeeds)
                        .getStatus())
                .as("another operation")
                .isEqualTo(200);
    }

    @Test
    void a_success_in_between_begins_the_count_again_and_drops_the_breaker() {
        fail("one", "/1");
        fail("one", "/2");
        assertThat(breakers.size()).isOne();

        breakers.send(call("one", "/1"), CircuitBreakersTest::succeeds);

        assertThat(breakers.size()).isZero();
        fail("one", "/3");
        fail("one", "/4");
        assertThat(breakers.isOpenFor(call("one", "/1"))).isFalse();
    }

    @Test
    void a_refusal_for_the_rate_is_an_answer() {
        fail("one", "/1");
        fail("one", "/2");
        assertThatThrownBy(() -> breakers.send(call("one", "/1"), call -> {
                    throw call.attempts().throttled(Response.status(429).build());
                }))
                .isInstanceOf(RuntimeException.class);

        fail("one", "/3");

        assertThat(breakers.isOpenFor(call("one", "/1"))).isFalse();
    }

    @Test
    void of_one_team_one_failure_on_a_path_counts_in_a_window() {
        for (int i = 0; i < 10 * FAILURES; i++) {
            fail("one", "/bad");
        }
        assertThat(breakers.isOpenFor(call("two", "/1"))).isFalse();

        for (int window = 1; window < FAILURES; window++) {
            time.pass(WINDOW);
            fail("one", "/bad");
        }

        assertThat(breakers.isOpenFor(call("one", "/1"))).isTrue();
        assertThat(breakers.isOpenFor(call("two", "/1")))
                .as("the team stops itself")
                .isFalse();
    }

    @Test
    void a_team_whose_calls_fail_on_many_paths_stops_itself_and_no_other() {
        for (int path = 0; path < 10 * FAILURES; path++) {
            Call failing = call("one", "/" + path);
            if (!breakers.isOpenFor(failing)) {
                fail("one", "/" + path);
            }
            breakers.send(call("two", "/1"), CircuitBreakersTest::succeeds);
        }

        assertThat(breakers.isOpenFor(call("one", "/1"))).isTrue();
        assertThat(breakers.isOpenFor(call("two", "/1"))).isFalse();
        assertThat(breakers.open()).singleElement().satisfies(open -> {
            assertThat(open.account()).isEqualTo(new AccountId("acme", "default"));
            assertThat(open.operation()).isEqualTo("read");
            assertThat(open.team()).isEqualTo("one");
            assertThat(open.left()).isEqualTo(Duration.ofHours(1));
        });
        assertThat(log.lines())
                .containsExactly("circuit breaker opened: account=acme/default operation=read team=one failures=3"
                        + " delay_ms=3600000");
    }

    @Test
    void a_team_alone_opens_none_for_others_even_if_no_other_calls() {
        for (int path = 0; path < FAILURES; path++) {
            fail("one", "/" + path);
        }

        assertThat(breakers.isOpenFor(call("two", "/1"))).isFalse();
        fail("two", "/1");
        assertThat(breakers.isOpenFor(call("three", "/1")))
                .as("two of one team and one of another")
                .isTrue();
        assertThat(breakers.open())
                .extracting(CircuitBreakers.OpenCircuit::team)
                .containsNull();
    }

    @Test
    void an_open_one_that_is_not_called_any_more_is_dropped_and_says_that_it_closed() {
        for (int path = 0; path < FAILURES; path++) {
            fail("one", "/" + path);
        }
        assertThat(breakers.open()).hasSize(1);
        time.pass(Duration.ofHours(1).plus(WINDOW).plusNanos(1));

        assertThat(breakers.open()).isEmpty();

        assertThat(breakers.size()).isZero();
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().getLast())
                .isEqualTo("circuit breaker closed: account=acme/default operation=read team=one");
    }

    @Test
    void the_listener_hears_of_each_opening() {
        List<String> opened = new ArrayList<>();
        breakers.whenOpened((account, operation) -> opened.add(account + " " + operation));

        for (int path = 0; path < FAILURES; path++) {
            fail("one", "/" + path);
        }

        assertThat(opened).containsExactly("acme/default read");
    }

    @Test
    void a_call_whose_caller_left_counts_nothing() {
        for (int i = 0; i < 2 * FAILURES; i++) {
            Call left = call("one", "/" + i);
            assertThatThrownBy(() -> breakers.send(left, _ -> {
                        throw new CallAbandonedException();
                    }))
                    .isInstanceOf(CallAbandonedException.class);
        }

        assertThat(breakers.size()).isZero();
    }

    @Test
    void one_line_says_that_it_opened_and_one_that_it_closed() {
        breakers = breakers(Duration.ofMillis(1));
        for (int i = 0; i < FAILURES; i++) {
            fail("one", "/" + i);
        }
        awaitTrial(CircuitBreakersTest::fails);
        assertThat(breakers.size()).isOne();

        awaitTrial(CircuitBreakersTest::succeeds);

        assertThat(breakers.size()).isZero();
        assertThat(log.lines())
                .containsExactly(
                        "circuit breaker opened: account=acme/default operation=read team=one failures=3 delay_ms=1",
                        "circuit breaker closed: account=acme/default operation=read team=one");
    }

    @Test
    void one_that_is_not_called_any_more_is_dropped_when_another_one_is_made() {
        fail("one", "/1");
        time.pass(Duration.ofHours(1).plus(WINDOW).plusNanos(1));

        assertThatThrownBy(() -> breakers.send(call("one", "/1", "other", "read"), CircuitBreakersTest::fails))
                .isInstanceOf(TimeoutException.class);

        assertThat(breakers.size()).isOne();
    }

    @Test
    void a_time_that_cannot_be_right_is_refused_by_its_key() {
        assertThatThrownBy(() -> breakers(Duration.ZERO))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith("sluice.circuit-breaker.delay: ");
    }

    private static Response fails(Call call) {
        throw new TimeoutException("no answer to " + call);
    }

    private static Response succeeds(Call call) {
        return Response.ok(call.id()).build();
    }

    private CircuitBreakers breakers(Duration delay) {
        return new CircuitBreakers(new Config(FAILURES, delay, WINDOW), time);
    }

    private void fail(String team, String path) {
        assertThatThrownBy(() -> breakers.send(call(team, path), CircuitBreakersTest::fails))
                .isInstanceOf(TimeoutException.class);
    }

    /** The delay is real time, which the library reads itself: makes calls until one is let through. */
    private void awaitTrial(Function<Call, Response> attempts) {
        boolean[] tried = new boolean[1];
        while (!tried[0]) {
            try {
                breakers.send(call("one", "/1"), call -> {
                    tried[0] = true;
                    return attempts.apply(call);
                });
            } catch (CircuitBreakerOpenException | TimeoutException notYet) {
                Thread.onSpinWait();
            }
        }
    }

    private static Call call(String team, String path) {
        return call(team, path, "default", "read");
    }

    private static Call call(String team, String path, String account, String operation) {
        return CallBuilder.of("GET", path)
                .account(CallBuilder.account("acme", account))
                .operation(Operation.read(operation))
                .team(new TeamShare(team, 1, 10))
                .deadline(100)
                .make();
    }
}
