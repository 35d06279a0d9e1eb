package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The admission of reads that can share a permit: those that one permit serves count as one. */
class PendingBatchesTest {
    private static final String ACCOUNT = "vendor/account";
    private static final LimitCost API = LimitCost.on("api");
    private static final int MOST = 3;

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = new PacedBudget(time, time);

    /** One call in ten seconds is granted, and one has just gone. */
    @BeforeEach
    void begin() {
        budget.define(
                ACCOUNT, List.of(new Limit.Rate("api", 1, Duration.ofSeconds(10), Limiter.FIXED, Limit.Rate.NO_BURST)));
        Granted first = (Granted) ask(Duration.ZERO, Optional.empty()).decided();
        first.permit().complete(LimitFeedback.NONE);
    }

    private record Asked(Ticket ticket, AtomicReference<@Nullable Decision> decision) {
        Decision decided() {
            Decision made = decision.get();
            if (made == null) {
                throw new AssertionError("it waits");
            }
            return made;
        }

        boolean waits() {
            return decision.get() == null;
        }
    }

    private Asked read(Duration maxWait) {
        return ask(maxWait, Optional.of(new PermitRequest.Batch("users", "list-users", MOST)));
    }

    private Asked ask(Duration maxWait, Optional<PermitRequest.Batch> batch) {
        return ask("team", maxWait, batch);
    }

    private Asked ask(String team, Duration maxWait, Optional<PermitRequest.Batch> batch) {
        AtomicReference<@Nullable Decision> decision = new AtomicReference<>();
        Ticket ticket = budget.enqueue(
                new PermitRequest(
                        ACCOUNT,
                        "read-user",
                        List.of(API),
                        new TeamShare(team, 1, 100),
                        Priority.INTERACTIVE,
                        maxWait,
                        Optional.empty(),
                        batch),
                decision::set);
        return new Asked(ticket, decision);
    }

    @Test
    void reads_that_one_permit_serves_are_admitted_as_one() {
        List<Asked> reads = new ArrayList<>();
        for (int read = 0; read < MOST; read++) {
            reads.add(read(Duration.ofSeconds(15)));
        }

        assertThat(reads).allMatch(Asked::waits);
        assertThat(read(Duration.ofSeconds(15)).decided())
                .as("one more than a batch holds")
                .isInstanceOfSatisfying(Denied.class, denied -> {
                    assertThat(denied.reason()).isEqualTo(Reason.DEADLINE);
                    assertThat(denied.bottleneck().orElseThrow().ahead()).isOne();
                });
        assertThat(read(Duration.ofSeconds(25)).waits()).as("the second batch").isTrue();
    }

    @Test
    void others_behind_a_batch_wait_for_one_permit_of_it() {
        for (int read = 0; read < MOST; read++) {
            read(Duration.ofMinutes(1));
        }

        assertThat(ask(Duration.ofSeconds(25), Optional.empty()).waits()).isTrue();
        assertThat(ask(Duration.ofSeconds(25), Optional.empty()).decided()).isInstanceOf(Denied.class);
        assertThat(ask("other", Duration.ofSeconds(25), Optional.empty()).waits())
                .as("its fair share")
                .isTrue();
    }

    @Test
    void a_read_that_joins_goes_when_its_batch_goes_though_others_came_between() {
        read(Duration.ofSeconds(15));
        assertThat(ask(Duration.ofSeconds(25), Optional.empty()).waits()).isTrue();
        assertThat(ask(Duration.ofSeconds(35), Optional.empty()).waits()).isTrue();

        assertThat(read(Duration.ofSeconds(15)).waits()).isTrue();
    }

    @Test
    void when_the_first_of_a_batch_leaves_the_next_one_pays() {
        Asked first = read(Duration.ofSeconds(15));
        Asked second = read(Duration.ofSeconds(15));
        assertThat(ask(Duration.ofSeconds(25), Optional.empty()).waits()).isTrue();

        assertThat(first.ticket().cancel()).isTrue();

        assertThat(ask(Duration.ofSeconds(25), Optional.empty()).decided()).isInstanceOf(Denied.class);
        assertThat(second.ticket().cancel()).isTrue();
        assertThat(ask(Duration.ofSeconds(25), Optional.empty()).waits()).isTrue();
    }

    @Test
    void a_batch_that_is_under_way_is_joined_no_more() {
        Asked first = read(Duration.ofSeconds(15));
        Asked second = read(Duration.ofSeconds(15));
        time.pass(Duration.ofSeconds(11));
        ((Granted) first.decided()).permit().complete(LimitFeedback.NONE);
        assertThat(second.waits()).as("until its caller withdraws it").isTrue();

        assertThat(read(Duration.ofSeconds(15)).decided()).isInstanceOf(Denied.class);
        second.ticket().cancel();
        assertThat(read(Duration.ofSeconds(15)).waits()).isTrue();
    }

    @Test
    void while_the_batched_read_is_closed_each_read_counts() {
        Asked closing = ask(Duration.ofSeconds(30), Optional.empty());
        time.pass(Duration.ofSeconds(11));
        Permit permit = ((Granted) closing.decided()).permit();
        permit.reassign("list-users");
        permit.send();
        permit.complete(new LimitFeedback(
                List.of(),
                Optional.of(new LimitFeedback.Throttle(
                        Scope.OPERATION, Optional.of(Duration.ofMinutes(5)), Duration.ofSeconds(1)))));

        assertThat(read(Duration.ofSeconds(15)).waits()).isTrue();
        assertThat(read(Duration.ofSeconds(15)).decided()).isInstanceOf(Denied.class);
    }

    @Test
    void another_group_shares_nothing() {
        assertThat(read(Duration.ofSeconds(15)).waits()).isTrue();

        assertThat(ask(Duration.ofSeconds(15), Optional.of(new PermitRequest.Batch("other", "list-users", MOST)))
                        .decided())
                .isInstanceOf(Denied.class);
    }
}
