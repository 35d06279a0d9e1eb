package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.operator.Attribution;
import io.sluice.operator.OperatorSettings;
import io.sluice.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the queue promises on either database. */
@SuppressWarnings("NullAway.Init") // filled before each test
abstract class QueueContract {
    static final Destination TRACK = new Destination(new AccountId("vendor", "default"), "track");
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");
    private static final Attribution OPS = new Attribution("ops", NOON, null, null);
    private static final long LEASE = 1_000;
    private static final long KEEP = 1_000_000;
    private static final List<String> TEAMS = List.of("growth", "revops");

    private MessageAppender appender;
    private MessageClaimer claimer;
    private MessageSettler settler;
    private MessageAdmin admin;
    private QueueStats stats;
    private int deliveries;

    abstract Database database();

    @BeforeEach
    void open() {
        Database database = database();
        appender = new MessageAppender(database);
        claimer = new MessageClaimer(database);
        settler = new MessageSettler(database);
        admin = new MessageAdmin(database);
        stats = new QueueStats(database);
    }

    @Test
    void every_process_hears_what_an_account_is_to_do_until_it_goes_on() {
        Database shared = database();
        OperatorSettings ours = settings(shared);
        OperatorSettings theirs = settings(shared);
        Modes here = new Modes(ours);
        Modes there = new Modes(theirs);

        assertThat(there.isDelivering(TRACK)).as("not known yet").isFalse();
        here.set(new AccountId("vendor", "default"), Mode.PAUSED, OPS);
        here.set(new AccountId("vendor", "other"), Mode.PAUSED, OPS);
        here.set(new AccountId("vendor", "default"), Mode.DRAINING, OPS);
        theirs.refresh();

        assertThat(here.of(TRACK)).isEqualTo(Mode.DRAINING);
        assertThat(there.of(TRACK)).isEqualTo(Mode.DRAINING);
        assertThat(there.isDelivering(TRACK)).isTrue();
        assertThat(there.isDelivering(new Destination(new AccountId("vendor", "other"), "track")))
                .isFalse();
        there.set(new AccountId("vendor", "default"), Mode.RUNNING, OPS);
        ours.refresh();
        assertThat(here.of(TRACK)).isEqualTo(Mode.RUNNING);
        assertThat(here.of(new Destination(new AccountId("vendor", "other"), "pipelines")))
                .isEqualTo(Mode.PAUSED);
    }

    private static OperatorSettings settings(Database database) {
        return new OperatorSettings(
                database, () -> NOON, (task, delay) -> () -> {}, Runnable::run, Duration.ofSeconds(1));
    }

    @Test
    void claims_the_oldest_message_of_each_ordering_key_and_the_next_one_only_once_it_is_gone() {
        store("a:1", "b:1", "a:2");

        List<ClaimedMessage> first = claim("one", 0, 10);
        List<ClaimedMessage> meanwhile = claim("two", 0, 10);
        deliver("one", first);
        List<ClaimedMessage> then = claim("three", 0, 10);

        assertThat(payloads(first)).containsExactly("a:1", "b:1");
        assertThat(meanwhile).isEmpty();
        assertThat(payloads(then)).containsExactly("a:2");
    }

    @Test
    void a_message_accepted_while_its_ordering_group_is_claimed_is_not_left_behind() {
        store("a:1");
        List<ClaimedMessage> claimed = claim("one", 0, 10);
        store("a:2");
        deliver("one", claimed);

        assertThat(payloads(claim("two", 0, 10))).containsExactly("a:2");
    }

    @Test
    void a_message_that_is_to_be_tried_again_holds_back_its_ordering_key_and_nobody_else() {
        store("a:1", "b:1");
        List<ClaimedMessage> both = claim("one", 0, 10);
        settler.settle(
                "one", List.of(new MessageSettler.Settlement.Requeue(both.get(0), 500, true), ack(both.get(1))), 0);
        store("a:2", "b:2");

        assertThat(payloads(claim("two", 499, 10))).containsExactly("b:2");
        List<ClaimedMessage> again = claim("three", 500, 10);
        assertThat(payloads(again)).containsExactly("a:1");
        assertThat(again.getFirst().failures()).isOne();
        assertThat(again.getFirst().maybeDelivered()).isFalse();
    }

    @Test
    void what_a_lost_worker_held_comes_back_when_the_lease_ends_and_says_so() {
        store("a:1");
        List<ClaimedMessage> lost = claim("one", 0, 10);

        assertThat(claim("two", LEASE - 1, 10)).isEmpty();
        List<ClaimedMessage> found = claim("three", LEASE, 10);
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().maybeDelivered()).isTrue();

        // The lost one was only slow; what it says now counts no more.
        assertThat(settler.settle("one", List.of(ack(lost.getFirst())), LEASE)).isZero();
        assertThat(admin.find(lost.getFirst().id()))
                .singleElement()
                .extracting(MessageAdmin.StoredMessage::state)
                .isEqualTo("queued");
    }

    @Test
    void what_may_be_delivered_already_says_so_until_somebody_delivers_it() {
        store("a:1", "a:2");
        claim("lost", 0, 10);
        claimer.release("two", claim("two", LEASE, 10), LEASE);

        List<ClaimedMessage> found = claim("three", LEASE, 10);
        assertThat(found).singleElement().matches(ClaimedMessage::maybeDelivered);
        settler.settle("three", List.of(new MessageSettler.Settlement.Requeue(found.getFirst(), LEASE, false)), LEASE);
        List<ClaimedMessage> again = claim("four", LEASE, 10);
        assertThat(again).singleElement().matches(ClaimedMessage::maybeDelivered);
        settler.settle("four", List.of(ack(again.getFirst())), LEASE);
        assertThat(claim("five", LEASE, 10)).singleElement().matches(next -> !next.maybeDelivered());
    }

    @Test
    void a_lease_can_be_prolonged() {
        store("a:1");
        claim("one", 0, 10);

        assertThat(claimer.renew("one", 5 * LEASE)).isTrue();
        assertThat(claimer.renew("none", 9 * LEASE)).isFalse();

        assertThat(claim("two", 5 * LEASE - 1, 10)).isEmpty();
        assertThat(claim("three", 5 * LEASE, 10)).hasSize(1);
    }

    @Test
    void claims_no_more_than_it_is_asked_to_and_gives_back_what_is_too_much() {
        store("a:1", "b:1", "c:1");

        List<ClaimedMessage> two = claim("one", 0, 2);
        claimer.release("one", two.subList(1, 2), 0);

        assertThat(payloads(two)).hasSize(2);
        assertThat(claim("two", 0, 10)).hasSize(2).noneMatch(ClaimedMessage::maybeDelivered);
    }

    @Test
    void a_message_for_two_waits_for_both_and_both_wait_for_it() {
        store("a:1", "b:1", "a+b:merge", "a:2", "b:2");

        List<ClaimedMessage> heads = claim("one", 0, 10);
        assertThat(payloads(heads)).containsExactly("a:1", "b:1");
        settler.settle(
                "one", List.of(ack(heads.get(0)), new MessageSettler.Settlement.Requeue(heads.get(1), 0, false)), 0);
        assertThat(payloads(claim("two", 0, 10))).as("b:1 is still there").containsExactly("b:1");
        deliver("two", List.of(heads.get(1)));

        List<ClaimedMessage> merge = claim("three", 100, 10);
        assertThat(payloads(merge)).containsExactly("a+b:merge");
        deliver("three", merge);

        List<String> rest = new ArrayList<>(payloads(claim("four", 200, 10)));
        rest.addAll(payloads(claim("five", 200, 10)));
        assertThat(rest).containsExactlyInAnyOrder("a:2", "b:2");
    }

    @Test
    void counts_what_waits_what_is_under_way_and_what_is_dead() {
        store("a:1", "b:1", "c:1");
        List<ClaimedMessage> two = claim("one", 0, 2);
        settler.settle("one", List.of(new MessageSettler.Settlement.DeadLetter(two.getFirst(), "bad", KEEP)), 0);

        QueueStats.QueueState state = stats.states().getFirst();
        assertThat(state.queued()).isOne();
        assertThat(state.inFlight()).isOne();
        assertThat(state.dead()).isOne();
        assertThat(state.oldestAcceptedAt()).hasValue(0);
        assertThat(state.queue().team()).isEqualTo("growth");
    }

    @Test
    void takes_nothing_beyond_what_a_queue_may_hold_and_then_again_once_there_is_room() {
        assertThat(appender.append(
                        List.of(
                                delivery("growth", "a:1", "b:1"),
                                delivery("growth", "c:1", "d:1"),
                                delivery("growth", "e:1")),
                        3))
                .containsExactly(true, false, true);

        deliver("one", claim("one", 0, 1));
        assertThat(appender.append(List.of(delivery("growth", "f:1")), 3)).containsExactly(true);
        assertThat(appender.append(List.of(delivery("growth", "g:1")), 3)).containsExactly(false);
    }

    @Test
    void the_first_messages_team_pays_for_its_ordering_group() {
        store("a:1");
        storeFor("revops", "a:2");

        List<ClaimedMessage> first =
                claimer.claim(queue("growth"), "one", 0, LEASE, 1, 10).messages();
        deliver("one", first);

        assertThat(payloads(
                        claimer.claim(queue("revops"), "two", 0, LEASE, 1, 10).messages()))
                .containsExactly("a:2");
    }

    @Test
    void dead_letters_are_listed_page_by_page_and_replayed_at_the_end_of_their_ordering_group() {
        store("a:1", "b:1", "c:1");
        List<ClaimedMessage> all = claim("one", 0, 10);
        settler.settle(
                "one",
                all.stream()
                        .map(message -> new MessageSettler.Settlement.DeadLetter(message, "bad", KEEP))
                        .toList(),
                0);
        store("a:2");
        List<Integer> queues = List.of(queue("growth"));

        List<MessageAdmin.StoredMessage> first = admin.findDead(queues, "", -1, 2);
        List<MessageAdmin.StoredMessage> second =
                admin.findDead(queues, first.getLast().id(), first.getLast().position(), 2);
        assertThat(first).extracting(MessageAdmin.StoredMessage::payload).containsExactly("a:1", "b:1");
        assertThat(second).extracting(MessageAdmin.StoredMessage::payload).containsExactly("c:1");

        assertThat(admin.redrive(first, 0, KEEP)).isEqualTo(2);
        assertThat(admin.redrive(first, 0, KEEP)).as("they are dead no more").isZero();
        assertThat(admin.delete(second)).isOne();
        List<ClaimedMessage> heads = claim("two", 0, 10);
        assertThat(payloads(heads)).containsExactly("a:2", "b:1");
        deliver("two", heads);
        assertThat(payloads(claim("three", 0, 10))).containsExactly("a:1");
        assertThat(stats.states().getFirst().dead()).isZero();
    }

    @Test
    void what_waits_can_be_taken_back_but_not_what_is_under_way() {
        Delivery delivery = delivery("growth", "a:1", "b:1", "a:2");
        appender.append(List.of(delivery), 100);
        List<ClaimedMessage> one = claim("one", 0, 1);

        int cancelled = admin.cancel(admin.find(delivery.id()));

        assertThat(cancelled).isEqualTo(2);
        deliver("one", one);
        assertThat(claim("two", 0, 10)).isEmpty();
        assertThat(stats.states().getFirst().queued()).isZero();
        assertThat(stats.queues()).isEmpty();
    }

    @Test
    void what_is_taken_back_leaves_its_place_to_the_next_message_whoever_sent_it() {
        Delivery delivery = delivery("growth", "a:1");
        appender.append(List.of(delivery), 100);
        storeFor("revops", "a:2", "a:3");
        List<ClaimedMessage> first = claim("one", 0, 10);
        settler.settle("one", List.of(new MessageSettler.Settlement.Requeue(first.getFirst(), 500, true)), 0);

        assertThat(admin.cancel(admin.find(delivery.id()))).isOne();

        List<ClaimedMessage> next =
                claimer.claim(queue("revops"), "two", 0, LEASE, 1, 10).messages();
        assertThat(payloads(next)).containsExactly("a:2");
        assertThat(next.getFirst().failures()).isZero();
        deliver("two", next);
        assertThat(payloads(
                        claimer.claim(queue("revops"), "three", 0, LEASE, 1, 10).messages()))
                .containsExactly("a:3");
    }

    @Test
    void a_claim_that_finds_only_messages_which_must_wait_says_that_there_may_be_more() {
        store("a:1", "b:1", "a+b:merge", "c:1");
        List<ClaimedMessage> heads = claim("one", 0, 10); // a:1, b:1 and c:1
        deliver("one", heads.subList(0, 1));
        claimer.release("one", heads.subList(1, 3), 0);

        List<MessageClaimer.ClaimResult> rounds = new ArrayList<>();
        do {
            rounds.add(claimer.claim(queue("growth"), "round-" + rounds.size(), 0, LEASE, 1, 1));
        } while (rounds.getLast().more());

        assertThat(rounds.stream().flatMap(round -> round.messages().stream()))
                .extracting(ClaimedMessage::payload)
                .containsExactlyInAnyOrder("b:1", "c:1");
    }

    @Test
    void forgets_what_has_been_kept_long_enough() {
        store("a:1", "b:1");
        List<ClaimedMessage> both = claim("one", 0, 10);
        settler.settle(
                "one",
                List.of(
                        new MessageSettler.Settlement.Ack(both.get(0), 10),
                        new MessageSettler.Settlement.DeadLetter(both.get(1), "bad", 20)),
                0);

        assertThat(admin.purge(9, 10)).isZero();
        assertThat(admin.purge(10, 10)).isOne();
        assertThat(admin.find(both.getFirst().id()))
                .singleElement()
                .extracting(MessageAdmin.StoredMessage::state)
                .isEqualTo("dead");
        assertThat(admin.purge(20, 10)).isOne();
        assertThat(stats.states().getFirst().dead()).isZero();
    }

    @Test
    void messages_behind_a_long_line_of_another_team_are_sorted_a_part_at_a_time() {
        String[] line = IntStream.range(0, 5_001)
                .mapToObj(number -> "l" + number % 100 + ":" + number)
                .toArray(String[]::new);
        appender.append(List.of(delivery("growth", line)), 10_000);
        storeFor("revops", "l7:5001", "a:5002");

        MessageClaimer.ClaimResult nothingYet = claimer.claim(queue("revops"), "one", 0, LEASE, 1, 10);
        MessageClaimer.ClaimResult own = claimer.claim(queue("revops"), "two", 0, LEASE, 1, 10);

        assertThat(nothingYet.messages()).isEmpty();
        assertThat(nothingYet.more()).isTrue();
        assertThat(payloads(own.messages())).as("l7 has older ones").containsExactly("a:5002");
        assertThat(claimer.claim(queue("revops"), "three", 0, LEASE, 1, 10).more())
                .isFalse();
        assertThat(payloads(claim("four", 0, 200)))
                .containsExactly(Arrays.stream(line).limit(100).toArray(String[]::new));
    }

    @Test
    void what_nobody_has_looked_at_yet_can_be_taken_back() {
        store("a:1");
        Delivery delivery = delivery("growth", "a:2", "a+b:merge");
        appender.append(List.of(delivery), 100);
        store("b:2");

        assertThat(admin.cancel(admin.find(delivery.id()))).isEqualTo(2);

        List<ClaimedMessage> heads = new ArrayList<>(claim("one", 0, 10));
        heads.addAll(claim("two", 1, 10));
        assertThat(payloads(heads)).containsExactlyInAnyOrder("a:1", "b:2");
        assertThat(stats.states().getFirst().queued()).isZero();
    }

    /** Random histories: whoever claims, fails, dies or is slow, each ordering key's messages arrive once and in order. */
    @Test
    void every_message_arrives_once_and_in_order_whatever_happens_to_workers() {
        for (long seed = 1; seed <= 3; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, List<Integer>> sent = new HashMap<>();
            Map<String, List<Integer>> arrived = new HashMap<>();
            long now = 0;
            int next = 0;
            TEAMS.forEach(team -> storeFor(team, "nobody-" + team + ":0"));
            List<QueueStats.QueueState> queues = stats.states();
            while (next < 150 || queues.stream().anyMatch(state -> state.queued() + state.inFlight() > 0)) {
                now += random.nextInt(400);
                if (next < 150) {
                    String who = seed + "-" + random.nextInt(6);
                    sent.computeIfAbsent(who, name -> new ArrayList<>()).add(next);
                    storeFor(TEAMS.get(random.nextInt(TEAMS.size())), who + ":" + next++);
                }
                String token = "t" + seed + "-" + now + "-" + random.nextInt();
                int queue = queues.get(random.nextInt(queues.size())).queue().number();
                List<ClaimedMessage> claimed = claimer.claim(
                                queue, token, now, now + LEASE, now + 1, 1 + random.nextInt(4))
                        .messages();
                if (random.nextInt(4) > 0) {
                    settleSome(token, claimed, now, random, arrived);
                }
                queues = stats.states();
            }
            TEAMS.forEach(team -> arrived.remove("nobody-" + team));

            assertThat(arrived).as("seed %d", seed).isEqualTo(sent);
        }
    }

    /** Who accepts, who sorts and who ends claims wait for each other's rows, on a server. */
    @Test
    void every_message_arrives_once_and_in_order_with_many_at_once() throws Exception {
        Map<String, List<Integer>> arrived = new ConcurrentHashMap<>();
        AtomicInteger left = new AtomicInteger(4 * 100);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String caller = "c" + i;
                all.add(threads.submit(() -> {
                    for (int number = 0; number < 100; number += 5) {
                        appender.append(
                                List.of(new Delivery(
                                        "dlv_" + caller + "_" + number,
                                        TRACK,
                                        TEAMS.get(number % 2),
                                        five(caller, number),
                                        0,
                                        KEEP)),
                                1_000);
                    }
                }));
            }
            for (int i = 0; i < 4; i++) {
                String worker = "k" + i;
                all.add(threads.submit(() -> {
                    for (int round = 0; left.get() > 0; round++) {
                        left.addAndGet(-round(worker + "-" + round, 1 + round % 2, arrived));
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }

        assertThat(arrived).hasSize(12);
        assertThat(arrived.values()).allSatisfy(numbers -> assertThat(numbers).isSorted());
        assertThat(arrived.values().stream().mapToInt(List::size).sum()).isEqualTo(400);
    }

    private static List<Message> five(String caller, int first) {
        return IntStream.range(first, first + 5)
                .mapToObj(number -> message(caller + "-" + number % 3 + ":" + number))
                .toList();
    }

    /** Delivers some, and hands others back. */
    private int round(String token, int queue, Map<String, List<Integer>> arrived) {
        List<ClaimedMessage> claimed =
                claimer.claim(queue, token, 0, LEASE, 1, 10).messages();
        claimer.renew(token, LEASE);
        List<ClaimedMessage> mine = claimed.subList(0, (claimed.size() + 1) / 2);
        claimer.release(token, claimed.subList(mine.size(), claimed.size()), 0);
        for (ClaimedMessage message : mine) {
            String[] parts = message.payload().split(":", 2);
            arrived.computeIfAbsent(parts[0], name -> Collections.synchronizedList(new ArrayList<>()))
                    .add(Integer.parseInt(parts[1]));
        }
        deliver(token, mine);
        return mine.size();
    }

    private void settleSome(
            String token,
            List<ClaimedMessage> claimed,
            long now,
            SplittableRandom random,
            Map<String, List<Integer>> arrived) {
        List<MessageSettler.Settlement> settlements = new ArrayList<>();
        for (ClaimedMessage message : claimed) {
            if (random.nextInt(3) == 0) {
                settlements.add(new MessageSettler.Settlement.Requeue(
                        message, now + random.nextInt(300), random.nextBoolean()));
            } else {
                String[] parts = message.payload().split(":", 2);
                arrived.computeIfAbsent(parts[0], name -> new ArrayList<>()).add(Integer.parseInt(parts[1]));
                settlements.add(ack(message));
            }
        }
        assertThat(settler.settle(token, settlements, now)).isEqualTo(settlements.size());
    }

    private void store(String... payloads) {
        storeFor("growth", payloads);
    }

    private void storeFor(String team, String... payloads) {
        appender.append(List.of(delivery(team, payloads)), 1_000);
    }

    private Delivery delivery(String team, String... payloads) {
        return new Delivery(
                "dlv_%05d".formatted(++deliveries),
                TRACK,
                team,
                Arrays.stream(payloads).map(QueueContract::message).toList(),
                0,
                KEEP);
    }

    /** {@code a:1} goes to a, {@code a+b:1} to both. */
    private static Message message(String payload) {
        String[] names = payload.substring(0, payload.indexOf(':')).split("\\+", -1);
        return new Message(names[0], names.length > 1 ? names[1] : null, "entity", "track", payload);
    }

    private int queue(String team) {
        return stats.states().stream()
                .filter(state -> state.queue().team().equals(team))
                .findFirst()
                .orElseThrow()
                .queue()
                .number();
    }

    private List<ClaimedMessage> claim(String token, long now, int most) {
        return claimer.claim(queue("growth"), token, now, now + LEASE, now + 1, most)
                .messages();
    }

    private void deliver(String token, List<ClaimedMessage> claimed) {
        settler.settle(token, claimed.stream().map(QueueContract::ack).toList(), 0);
    }

    private static MessageSettler.Settlement.Ack ack(ClaimedMessage message) {
        return new MessageSettler.Settlement.Ack(message, KEEP);
    }

    private static List<String> payloads(List<ClaimedMessage> messages) {
        return messages.stream().map(ClaimedMessage::payload).toList();
    }
}
