package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.store.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    static final Channel TRACK = new Channel("vendor", "default", "track");
    private static final long LEASE = 1_000;
    private static final long KEEP = 1_000_000;
    private static final List<String> TEAMS = List.of("growth", "revops");

    private AcceptLetters accept;
    private ClaimLetters claims;
    private FinishLetters finishes;
    private DeadLetters letters;
    private QueueView view;
    private int parcels;

    abstract Database database();

    @BeforeEach
    void open() {
        Database database = database();
        accept = new AcceptLetters(database);
        claims = new ClaimLetters(database);
        finishes = new FinishLetters(database);
        letters = new DeadLetters(database);
        view = new QueueView(database);
    }

    @Test
    void every_process_hears_what_an_account_is_to_do_until_it_goes_on() {
        Database shared = database();
        Modes here = modes(shared);
        Modes there = modes(shared);

        assertThat(there.deliver(TRACK)).as("not known yet").isFalse();
        here.set("vendor", "default", Mode.PAUSED);
        here.set("vendor", "other", Mode.PAUSED);
        here.set("vendor", "default", Mode.DRAINING);
        there.read();

        assertThat(here.of(TRACK)).isEqualTo(Mode.DRAINING);
        assertThat(there.of(TRACK)).isEqualTo(Mode.DRAINING);
        assertThat(there.deliver(TRACK)).isTrue();
        assertThat(there.deliver(new Channel("vendor", "other", "track"))).isFalse();
        there.set("vendor", "default", Mode.RUNNING);
        here.read();
        assertThat(here.of(TRACK)).isEqualTo(Mode.RUNNING);
        assertThat(here.of(new Channel("vendor", "other", "pipelines"))).isEqualTo(Mode.PAUSED);
    }

    private static Modes modes(Database database) {
        return new Modes(database, (task, delay) -> () -> {}, Runnable::run, Duration.ofSeconds(1));
    }

    @Test
    void claims_the_oldest_letter_of_each_addressee_and_the_next_one_only_once_it_is_gone() {
        store("a:1", "b:1", "a:2");

        List<Waiting> first = claim("one", 0, 10);
        List<Waiting> meanwhile = claim("two", 0, 10);
        deliver("one", first);
        List<Waiting> then = claim("three", 0, 10);

        assertThat(payloads(first)).containsExactly("a:1", "b:1");
        assertThat(meanwhile).isEmpty();
        assertThat(payloads(then)).containsExactly("a:2");
    }

    @Test
    void a_letter_accepted_while_its_lane_is_claimed_is_not_left_behind() {
        store("a:1");
        List<Waiting> claimed = claim("one", 0, 10);
        store("a:2");
        deliver("one", claimed);

        assertThat(payloads(claim("two", 0, 10))).containsExactly("a:2");
    }

    @Test
    void a_letter_that_is_to_be_tried_again_holds_back_its_addressee_and_nobody_else() {
        store("a:1", "b:1");
        List<Waiting> both = claim("one", 0, 10);
        finishes.finish("one", List.of(new FinishLetters.End.Later(both.get(0), 500, true), gone(both.get(1))), 0);
        store("a:2", "b:2");

        assertThat(payloads(claim("two", 499, 10))).containsExactly("b:2");
        List<Waiting> again = claim("three", 500, 10);
        assertThat(payloads(again)).containsExactly("a:1");
        assertThat(again.getFirst().failures()).isOne();
        assertThat(again.getFirst().lost()).isFalse();
    }

    @Test
    void what_a_lost_courier_held_comes_back_when_the_lease_ends_and_says_so() {
        store("a:1");
        List<Waiting> lost = claim("one", 0, 10);

        assertThat(claim("two", LEASE - 1, 10)).isEmpty();
        List<Waiting> found = claim("three", LEASE, 10);
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().lost()).isTrue();

        // The lost one was only slow; what it says now counts no more.
        assertThat(finishes.finish("one", List.of(gone(lost.getFirst())), LEASE))
                .isZero();
        assertThat(letters.of(lost.getFirst().id()))
                .singleElement()
                .extracting(DeadLetters.Found::state)
                .isEqualTo("queued");
    }

    @Test
    void what_may_be_delivered_already_says_so_until_somebody_delivers_it() {
        store("a:1", "a:2");
        claim("lost", 0, 10);
        claims.release("two", claim("two", LEASE, 10), LEASE);

        List<Waiting> found = claim("three", LEASE, 10);
        assertThat(found).singleElement().matches(Waiting::lost);
        finishes.finish("three", List.of(new FinishLetters.End.Later(found.getFirst(), LEASE, false)), LEASE);
        List<Waiting> again = claim("four", LEASE, 10);
        assertThat(again).singleElement().matches(Waiting::lost);
        finishes.finish("four", List.of(gone(again.getFirst())), LEASE);
        assertThat(claim("five", LEASE, 10)).singleElement().matches(next -> !next.lost());
    }

    @Test
    void a_lease_can_be_prolonged() {
        store("a:1");
        claim("one", 0, 10);

        assertThat(claims.prolong("one", 5 * LEASE)).isTrue();
        assertThat(claims.prolong("none", 9 * LEASE)).isFalse();

        assertThat(claim("two", 5 * LEASE - 1, 10)).isEmpty();
        assertThat(claim("three", 5 * LEASE, 10)).hasSize(1);
    }

    @Test
    void claims_no_more_than_it_is_asked_to_and_gives_back_what_is_too_much() {
        store("a:1", "b:1", "c:1");

        List<Waiting> two = claim("one", 0, 2);
        claims.release("one", two.subList(1, 2), 0);

        assertThat(payloads(two)).hasSize(2);
        assertThat(claim("two", 0, 10)).hasSize(2).noneMatch(Waiting::lost);
    }

    @Test
    void a_letter_for_two_waits_for_both_and_both_wait_for_it() {
        store("a:1", "b:1", "a+b:merge", "a:2", "b:2");

        List<Waiting> heads = claim("one", 0, 10);
        assertThat(payloads(heads)).containsExactly("a:1", "b:1");
        finishes.finish("one", List.of(gone(heads.get(0)), new FinishLetters.End.Later(heads.get(1), 0, false)), 0);
        assertThat(payloads(claim("two", 0, 10))).as("b:1 is still there").containsExactly("b:1");
        deliver("two", List.of(heads.get(1)));

        List<Waiting> merge = claim("three", 100, 10);
        assertThat(payloads(merge)).containsExactly("a+b:merge");
        deliver("three", merge);

        List<String> rest = new ArrayList<>(payloads(claim("four", 200, 10)));
        rest.addAll(payloads(claim("five", 200, 10)));
        assertThat(rest).containsExactlyInAnyOrder("a:2", "b:2");
    }

    @Test
    void counts_what_waits_what_is_under_way_and_what_is_dead() {
        store("a:1", "b:1", "c:1");
        List<Waiting> two = claim("one", 0, 2);
        finishes.finish("one", List.of(new FinishLetters.End.Dead(two.getFirst(), "bad", KEEP)), 0);

        QueueView.State state = view.states().getFirst();
        assertThat(state.queued()).isOne();
        assertThat(state.inFlight()).isOne();
        assertThat(state.dead()).isOne();
        assertThat(state.oldestAcceptedAt()).hasValue(0);
        assertThat(state.flow().team()).isEqualTo("growth");
    }

    @Test
    void takes_nothing_beyond_what_a_flow_may_hold_and_then_again_once_there_is_room() {
        assertThat(accept.store(
                        List.of(
                                parcel("growth", "a:1", "b:1"),
                                parcel("growth", "c:1", "d:1"),
                                parcel("growth", "e:1")),
                        3))
                .containsExactly(true, false, true);

        deliver("one", claim("one", 0, 1));
        assertThat(accept.store(List.of(parcel("growth", "f:1")), 3)).containsExactly(true);
        assertThat(accept.store(List.of(parcel("growth", "g:1")), 3)).containsExactly(false);
    }

    @Test
    void the_first_letters_team_pays_for_its_lane() {
        store("a:1");
        storeFor("revops", "a:2");

        List<Waiting> first =
                claims.claim(flow("growth"), "one", 0, LEASE, 1, 10).letters();
        deliver("one", first);

        assertThat(payloads(claims.claim(flow("revops"), "two", 0, LEASE, 1, 10).letters()))
                .containsExactly("a:2");
    }

    @Test
    void dead_letters_are_listed_page_by_page_and_replayed_at_the_end_of_their_lane() {
        store("a:1", "b:1", "c:1");
        List<Waiting> all = claim("one", 0, 10);
        finishes.finish(
                "one",
                all.stream()
                        .map(letter -> new FinishLetters.End.Dead(letter, "bad", KEEP))
                        .toList(),
                0);
        store("a:2");
        List<Integer> flows = List.of(flow("growth"));

        List<DeadLetters.Found> first = letters.dead(flows, "", -1, 2);
        List<DeadLetters.Found> second =
                letters.dead(flows, first.getLast().id(), first.getLast().position(), 2);
        assertThat(first).extracting(DeadLetters.Found::payload).containsExactly("a:1", "b:1");
        assertThat(second).extracting(DeadLetters.Found::payload).containsExactly("c:1");

        assertThat(letters.replay(first, 0, KEEP)).isEqualTo(2);
        assertThat(letters.replay(first, 0, KEEP)).as("they are dead no more").isZero();
        assertThat(letters.delete(second)).isOne();
        List<Waiting> heads = claim("two", 0, 10);
        assertThat(payloads(heads)).containsExactly("a:2", "b:1");
        deliver("two", heads);
        assertThat(payloads(claim("three", 0, 10))).containsExactly("a:1");
        assertThat(view.states().getFirst().dead()).isZero();
    }

    @Test
    void what_waits_can_be_taken_back_but_not_what_is_under_way() {
        Parcel parcel = parcel("growth", "a:1", "b:1", "a:2");
        accept.store(List.of(parcel), 100);
        List<Waiting> one = claim("one", 0, 1);

        int cancelled = letters.cancel(letters.of(parcel.id()));

        assertThat(cancelled).isEqualTo(2);
        deliver("one", one);
        assertThat(claim("two", 0, 10)).isEmpty();
        assertThat(view.states().getFirst().queued()).isZero();
        assertThat(view.flows()).isEmpty();
    }

    @Test
    void what_is_taken_back_leaves_its_place_to_the_next_letter_whoever_sent_it() {
        Parcel parcel = parcel("growth", "a:1");
        accept.store(List.of(parcel), 100);
        storeFor("revops", "a:2", "a:3");
        List<Waiting> first = claim("one", 0, 10);
        finishes.finish("one", List.of(new FinishLetters.End.Later(first.getFirst(), 500, true)), 0);

        assertThat(letters.cancel(letters.of(parcel.id()))).isOne();

        List<Waiting> next =
                claims.claim(flow("revops"), "two", 0, LEASE, 1, 10).letters();
        assertThat(payloads(next)).containsExactly("a:2");
        assertThat(next.getFirst().failures()).isZero();
        deliver("two", next);
        assertThat(payloads(
                        claims.claim(flow("revops"), "three", 0, LEASE, 1, 10).letters()))
                .containsExactly("a:3");
    }

    @Test
    void a_claim_that_finds_only_letters_which_must_wait_says_that_there_may_be_more() {
        store("a:1", "b:1", "a+b:merge", "c:1");
        List<Waiting> heads = claim("one", 0, 10); // a:1, b:1 and c:1
        deliver("one", heads.subList(0, 1));
        claims.release("one", heads.subList(1, 3), 0);

        List<ClaimLetters.Claimed> rounds = new ArrayList<>();
        do {
            rounds.add(claims.claim(flow("growth"), "round-" + rounds.size(), 0, LEASE, 1, 1));
        } while (rounds.getLast().more());

        assertThat(rounds.stream().flatMap(round -> round.letters().stream()))
                .extracting(Waiting::payload)
                .containsExactlyInAnyOrder("b:1", "c:1");
    }

    @Test
    void forgets_what_has_been_kept_long_enough() {
        store("a:1", "b:1");
        List<Waiting> both = claim("one", 0, 10);
        finishes.finish(
                "one",
                List.of(
                        new FinishLetters.End.Gone(both.get(0), 10),
                        new FinishLetters.End.Dead(both.get(1), "bad", 20)),
                0);

        assertThat(letters.forget(9, 10)).isZero();
        assertThat(letters.forget(10, 10)).isOne();
        assertThat(letters.of(both.getFirst().id()))
                .singleElement()
                .extracting(DeadLetters.Found::state)
                .isEqualTo("dead");
        assertThat(letters.forget(20, 10)).isOne();
        assertThat(view.states().getFirst().dead()).isZero();
    }

    @Test
    void letters_behind_a_long_line_of_another_team_are_sorted_a_part_at_a_time() {
        String[] line = IntStream.range(0, 5_001)
                .mapToObj(number -> "l" + number % 100 + ":" + number)
                .toArray(String[]::new);
        accept.store(List.of(parcel("growth", line)), 10_000);
        storeFor("revops", "l7:5001", "a:5002");

        ClaimLetters.Claimed nothingYet = claims.claim(flow("revops"), "one", 0, LEASE, 1, 10);
        ClaimLetters.Claimed own = claims.claim(flow("revops"), "two", 0, LEASE, 1, 10);

        assertThat(nothingYet.letters()).isEmpty();
        assertThat(nothingYet.more()).isTrue();
        assertThat(payloads(own.letters())).as("l7 has older ones").containsExactly("a:5002");
        assertThat(claims.claim(flow("revops"), "three", 0, LEASE, 1, 10).more())
                .isFalse();
        assertThat(payloads(claim("four", 0, 200)))
                .containsExactly(Arrays.stream(line).limit(100).toArray(String[]::new));
    }

    @Test
    void what_nobody_has_looked_at_yet_can_be_taken_back() {
        store("a:1");
        Parcel parcel = parcel("growth", "a:2", "a+b:merge");
        accept.store(List.of(parcel), 100);
        store("b:2");

        assertThat(letters.cancel(letters.of(parcel.id()))).isEqualTo(2);

        List<Waiting> heads = new ArrayList<>(claim("one", 0, 10));
        heads.addAll(claim("two", 1, 10));
        assertThat(payloads(heads)).containsExactlyInAnyOrder("a:1", "b:2");
        assertThat(view.states().getFirst().queued()).isZero();
    }

    /** Random histories: whoever claims, fails, dies or is slow, each addressee's letters arrive once and in order. */
    @Test
    void every_letter_arrives_once_and_in_order_whatever_happens_to_couriers() {
        for (long seed = 1; seed <= 3; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, List<Integer>> sent = new HashMap<>();
            Map<String, List<Integer>> arrived = new HashMap<>();
            long now = 0;
            int next = 0;
            TEAMS.forEach(team -> storeFor(team, "nobody-" + team + ":0"));
            List<QueueView.State> flows = view.states();
            while (next < 150 || flows.stream().anyMatch(state -> state.queued() + state.inFlight() > 0)) {
                now += random.nextInt(400);
                if (next < 150) {
                    String who = seed + "-" + random.nextInt(6);
                    sent.computeIfAbsent(who, name -> new ArrayList<>()).add(next);
                    storeFor(TEAMS.get(random.nextInt(TEAMS.size())), who + ":" + next++);
                }
                String token = "t" + seed + "-" + now + "-" + random.nextInt();
                int flow = flows.get(random.nextInt(flows.size())).flow().number();
                List<Waiting> claimed = claims.claim(flow, token, now, now + LEASE, now + 1, 1 + random.nextInt(4))
                        .letters();
                if (random.nextInt(4) > 0) {
                    finishSome(token, claimed, now, random, arrived);
                }
                flows = view.states();
            }
            TEAMS.forEach(team -> arrived.remove("nobody-" + team));

            assertThat(arrived).as("seed %d", seed).isEqualTo(sent);
        }
    }

    /** Who accepts, who sorts and who ends claims wait for each other's rows, on a server. */
    @Test
    void every_letter_arrives_once_and_in_order_with_many_at_once() throws Exception {
        Map<String, List<Integer>> arrived = new ConcurrentHashMap<>();
        AtomicInteger left = new AtomicInteger(4 * 100);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String caller = "c" + i;
                all.add(threads.submit(() -> {
                    for (int number = 0; number < 100; number += 5) {
                        accept.store(
                                List.of(new Parcel(
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
                String courier = "k" + i;
                all.add(threads.submit(() -> {
                    for (int round = 0; left.get() > 0; round++) {
                        left.addAndGet(-round(courier + "-" + round, 1 + round % 2, arrived));
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

    private static List<Letter> five(String caller, int first) {
        return IntStream.range(first, first + 5)
                .mapToObj(number -> letter(caller + "-" + number % 3 + ":" + number))
                .toList();
    }

    /** Delivers some, and hands others back. */
    private int round(String token, int flow, Map<String, List<Integer>> arrived) {
        List<Waiting> claimed = claims.claim(flow, token, 0, LEASE, 1, 10).letters();
        claims.prolong(token, LEASE);
        List<Waiting> mine = claimed.subList(0, (claimed.size() + 1) / 2);
        claims.release(token, claimed.subList(mine.size(), claimed.size()), 0);
        for (Waiting letter : mine) {
            String[] parts = letter.payload().split(":", 2);
            arrived.computeIfAbsent(parts[0], name -> Collections.synchronizedList(new ArrayList<>()))
                    .add(Integer.parseInt(parts[1]));
        }
        deliver(token, mine);
        return mine.size();
    }

    private void finishSome(
            String token,
            List<Waiting> claimed,
            long now,
            SplittableRandom random,
            Map<String, List<Integer>> arrived) {
        List<FinishLetters.End> ends = new ArrayList<>();
        for (Waiting letter : claimed) {
            if (random.nextInt(3) == 0) {
                ends.add(new FinishLetters.End.Later(letter, now + random.nextInt(300), random.nextBoolean()));
            } else {
                String[] parts = letter.payload().split(":", 2);
                arrived.computeIfAbsent(parts[0], name -> new ArrayList<>()).add(Integer.parseInt(parts[1]));
                ends.add(gone(letter));
            }
        }
        assertThat(finishes.finish(token, ends, now)).isEqualTo(ends.size());
    }

    private void store(String... payloads) {
        storeFor("growth", payloads);
    }

    private void storeFor(String team, String... payloads) {
        accept.store(List.of(parcel(team, payloads)), 1_000);
    }

    private Parcel parcel(String team, String... payloads) {
        return new Parcel(
                "dlv_%05d".formatted(++parcels),
                TRACK,
                team,
                Arrays.stream(payloads).map(QueueContract::letter).toList(),
                0,
                KEEP);
    }

    /** {@code a:1} goes to a, {@code a+b:1} to both. */
    private static Letter letter(String payload) {
        String[] names = payload.substring(0, payload.indexOf(':')).split("\\+", -1);
        return new Letter(
                names[0], names.length > 1 ? Optional.of(names[1]) : Optional.empty(), "entity", "track", payload);
    }

    private int flow(String team) {
        return view.states().stream()
                .filter(state -> state.flow().team().equals(team))
                .findFirst()
                .orElseThrow()
                .flow()
                .number();
    }

    private List<Waiting> claim(String token, long now, int most) {
        return claims.claim(flow("growth"), token, now, now + LEASE, now + 1, most)
                .letters();
    }

    private void deliver(String token, List<Waiting> claimed) {
        finishes.finish(token, claimed.stream().map(QueueContract::gone).toList(), 0);
    }

    private static FinishLetters.End.Gone gone(Waiting letter) {
        return new FinishLetters.End.Gone(letter, KEEP);
    }

    private static List<String> payloads(List<Waiting> letters) {
        return letters.stream().map(Waiting::payload).toList();
    }
}
