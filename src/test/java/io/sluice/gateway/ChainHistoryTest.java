package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.cache.CacheConfig;
import io.sluice.cache.CacheDirectives;
import io.sluice.cache.CacheStatus;
import io.sluice.call.Account;
import io.sluice.call.Body;
import io.sluice.call.Call;
import io.sluice.call.CallBuilder;
import io.sluice.call.CallMeters;
import io.sluice.call.Result;
import io.sluice.call.Target;
import io.sluice.saas.Route;
import io.sluice.saas.clerk.ClerkUsers;
import io.sluice.saas.clerk.PlayedClerk;
import io.sluice.simulation.Interleaving;
import io.sluice.simulation.VirtualTime;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of everything between a mount and Clerk, on virtual time: the cache, shared flights, batches, budget
 * and webhooks as they are, and a played Clerk that changes, is slow, throttles, fails and loses answers.
 */
class ChainHistoryTest {
    private static final int SEEDS = 120;
    private static final int STEPS = 300;
    private static final long SECOND = 1_000_000_000L;
    private static final long PATIENT = 300 * SECOND;
    private static final Logger GATEWAY = Logger.getLogger(CallOutcomes.class.getName());

    private static final Map<CacheStatus.Result, Integer> SERVED = new EnumMap<>(CacheStatus.Result.class);
    private static int together;
    private static int heeded;
    private static boolean told;

    static IntStream seeds() {
        return IntStream.range(0, SEEDS);
    }

    /** It warns of each of the thousands of calls that get no answer. */
    @BeforeAll
    static void quiet() {
        GATEWAY.setLevel(Level.OFF);
    }

    @AfterAll
    static void everything_has_happened() {
        GATEWAY.setLevel(null);
        assertThat(SERVED).hasSameSizeAs(CacheStatus.Result.values());
        assertThat(SERVED.values()).allMatch(times -> times > SEEDS);
        assertThat(together).isGreaterThan(SEEDS);
        assertThat(heeded).isGreaterThan(SEEDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void nobody_reads_older_than_a_finished_own_write_and_in_the_end_all_read_the_truth(int seed) {
        History history = new History(seed);
        try {
            history.play(STEPS);
        } catch (AssertionError failure) {
            throw told ? new AssertionError("seed " + seed, failure) : shortest(seed, failure);
        }
        history.counts.forEach((result, times) -> SERVED.merge(result, times, Integer::sum));
        together += history.clerk.together();
        heeded += history.clerk.heeded();
    }

    /** The same history broken off as early as it fails, and what happened in it; for the first one that does. */
    private static AssertionError shortest(int seed, AssertionError failure) {
        told = true;
        for (int steps = 1; steps <= STEPS; steps++) {
            History history = new History(seed);
            try {
                history.play(steps);
            } catch (AssertionError earlier) {
                return new AssertionError(
                        "seed %d fails after %d steps: %s%n%s"
                                .formatted(seed, steps, earlier.getMessage(), String.join("\n", history.events)),
                        earlier);
            }
        }
        return new AssertionError("seed " + seed, failure);
    }

    private static final class History {
        final SplittableRandom random;
        final VirtualTime time = new VirtualTime();
        final Interleaving threads;
        final PlayedClerk clerk;
        final PlayedGateway sluice;
        final ClerkUsers lookups;
        final List<String> things = Stream.concat(
                        PlayedClerk.users(),
                        Stream.concat(PlayedClerk.ORGANIZATIONS.stream(), Stream.of(PlayedClerk.COUNT)))
                .toList();
        /** The newest version that a finished own write has made. */
        final Map<String, Long> written = new HashMap<>();

        final Map<CacheStatus.Result, Integer> counts = new EnumMap<>(CacheStatus.Result.class);
        final List<String> events = new ArrayList<>();
        int calls;

        History(int seed) {
            random = new SplittableRandom(seed);
            threads = new Interleaving(time, random.split());
            CallMeters meters = new CallMeters();
            clerk = new PlayedClerk(time, threads, random.split(), meters);
            sluice = new PlayedGateway(
                    time, threads, meters, clerk.vendor(), PlayedClerk.configured(CacheConfig.class), clerk.clock());
            clerk.tell(sluice.cache());
            lookups = clerk.lookups(sluice.sender(), sluice.cache());
        }

        void play(int steps) {
            for (int step = 0; step < steps; step++) {
                step();
                long pause = random.nextInt(30) == 0 ? 70 * SECOND : SECOND / 4;
                threads.runUntil(time.read() + random.nextLong(pause));
            }
            clerk.calmDown();
            sluice.budget().resume("clerk/default");
            threads.runOut();
            // What was kept is too old by then, and what was closed is open again.
            threads.runUntil(time.read() + 121 * SECOND);
            things.forEach(thing -> threads.execute(() -> readTruth(thing)));
            threads.runOut();
        }

        private void step() {
            String thing = things.get(Math.min(random.nextInt(things.size()), random.nextInt(things.size())));
            switch (random.nextInt(16)) {
                case 0, 1 -> write(thing);
                case 2 -> {
                    if (!thing.equals(PlayedClerk.COUNT)) {
                        note("elsewhere", thing);
                        clerk.changeElsewhere(thing);
                    }
                }
                case 3 -> threads.execute(this::lookUp);
                case 4 -> {
                    if (random.nextInt(5) == 0) {
                        note("paused", "");
                        sluice.budget().pause("clerk/default");
                        time.after(
                                random.nextLong(20 * SECOND),
                                () -> sluice.budget().resume("clerk/default"));
                    }
                }
                default -> read(thing);
            }
        }

        private void read(String thing) {
            boolean own = random.nextInt(20) == 0;
            CacheDirectives directives = new CacheDirectives(
                    random.nextInt(15) == 0,
                    random.nextInt(15) != 0,
                    random.nextInt(15) == 0 ? Optional.of(Duration.ofSeconds(random.nextInt(60))) : Optional.empty(),
                    random.nextInt(5) != 0,
                    own);
            Call call = call("GET", path(thing), new Body.None(), random.nextLong(SECOND, PATIENT));
            if (random.nextInt(10) == 0) {
                time.after(random.nextLong(3 * SECOND), call::abandon);
            }
            threads.execute(() -> {
                long atLeast = written.getOrDefault(thing, 0L);
                note(call.id() + " reads, at least " + atLeast, thing);
                String seen = make(call, directives)
                        .map(answer -> seen(thing, answer, atLeast))
                        .orElse("nothing");
                note(call.id() + " sees " + seen, thing);
            });
        }

        private void readTruth(String thing) {
            Optional<Answer> answer = make(call("GET", path(thing), new Body.None(), PATIENT), CacheDirectives.NONE);
            assertThat(answer).as(thing + " in the end").isPresent();
            if (clerk.there(thing)) {
                assertThat(answer.get().status()).as(thing + " in the end").isEqualTo(200);
                assertThat(PlayedClerk.told(answer.get().body()))
                        .as(thing + " in the end")
                        .isEqualTo(clerk.version(thing));
            } else {
                assertThat(answer.get().status()).as(thing + " in the end").isEqualTo(404);
            }
        }

        private String seen(String thing, Answer answer, long atLeast) {
            if (answer.status() == 404) {
                // It was not there yet, or is not there any more.
                assertThat(atLeast == 0 || !clerk.there(thing))
                        .as(thing + " is missing, after version " + atLeast)
                        .isTrue();
                return "404, " + answer.status;
            }
            if (answer.status() != 200) {
                return "status " + answer.status();
            }
            assertThat(PlayedClerk.told(answer.body())).as(thing).isBetween(atLeast, clerk.version(thing));
            return PlayedClerk.told(answer.body()) + "";
        }

        private void lookUp() {
            Set<String> ids = new LinkedHashSet<>();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                ids.add(things.get(random.nextInt((int) PlayedClerk.users().count())));
            }
            Map<String, Long> atLeast = Map.copyOf(written);
            ClerkUsers.LookupContext context = new ClerkUsers.LookupContext(
                    "default",
                    null,
                    new TeamShare("team", 1, 1_000),
                    Priority.BULK,
                    Duration.ofSeconds(30),
                    "lookup_" + ++calls,
                    call -> {});
            note(context.requestId() + " looks up", ids.toString());
            Map<String, ClerkUsers.UserLookup> looked = new HashMap<>();
            ids.forEach(id -> lookups.kept(context, id).ifPresent(kept -> looked.put(id, kept)));
            ids.removeAll(looked.keySet());
            if (!ids.isEmpty()) {
                try {
                    looked.putAll(lookups.ask(context, ids));
                } catch (InterruptedException impossible) {
                    throw new AssertionError(impossible);
                }
            }
            looked.forEach((id, found) -> {
                long least = atLeast.getOrDefault(id, 0L);
                switch (found) {
                    case ClerkUsers.UserLookup.User(byte[] json) ->
                        seen(id, new Answer(200, new String(json, StandardCharsets.UTF_8)), least);
                    case ClerkUsers.UserLookup.Missing() -> seen(id, new Answer(404, ""), least);
                    case ClerkUsers.UserLookup.NoId() -> throw new AssertionError(id);
                    case ClerkUsers.UserLookup.Unknown _ -> {}
                }
            });
        }

        private void write(String thing) {
            long maxWait = random.nextLong(SECOND, PATIENT);
            Call call;
            if (PlayedClerk.ORGANIZATIONS.contains(thing)) {
                call = call("PATCH", path(thing), body("{}"), maxWait);
            } else if (thing.equals(PlayedClerk.COUNT)) {
                return;
            } else if (!clerk.there(thing)) {
                call = call("POST", "/v1/users", body("{\"external_id\":\"" + thing + "\"}"), maxWait);
            } else if (random.nextInt(6) == 0) {
                call = call("DELETE", path(thing), new Body.None(), maxWait);
            } else {
                call = call("PATCH", path(thing) + "/metadata", body("{}"), maxWait);
            }
            threads.execute(() -> {
                note(call.id() + " " + call.request().method() + "s", thing);
                String status = make(call, CacheDirectives.NONE)
                        .map(answer -> "" + answer.status())
                        .orElse("no answer");
                clerk.done(call.id()).forEach((id, version) -> written.merge(id, version, Math::max));
                note(call.id() + " has done " + clerk.done(call.id()) + ": " + status, thing);
            });
        }

        /** An answer read whole. */
        private record Answer(int status, String body) {}

        private Optional<Answer> make(Call call, CacheDirectives directives) {
            try {
                PlayedGateway.Made served =
                        sluice.make(call, clerk.surface(), directives).orElse(null);
                if (served == null) {
                    return Optional.empty();
                }
                counts.merge(served.status().result(), 1, Integer::sum);
                if (!(served.result() instanceof Result.Answered answered)) {
                    return Optional.empty();
                }
                try (InputStream body = answered.answer().body()) {
                    return Optional.of(new Answer(
                            answered.answer().status(), new String(body.readAllBytes(), StandardCharsets.UTF_8)));
                }
            } catch (InterruptedException | IOException impossible) {
                throw new AssertionError(impossible);
            }
        }

        private Call call(String method, String path, Body body, long maxWait) {
            Target target = Target.parse(path);
            Route.Match match = clerk.surface().match(method, target);
            Account account = clerk.surface().account("default").orElseThrow();
            MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
            headers.putSingle("Clerk-API-Version", random.nextInt(5) == 0 ? "2025-11-10" : "2026-05-12");
            return CallBuilder.of(method, target)
                    .id("call_" + ++calls)
                    .account(account)
                    .operation(match.operation())
                    .dialect(clerk.surface().dialect())
                    .variables(match.variables())
                    .headers(headers)
                    .body(body)
                    .team(new TeamShare("team" + random.nextInt(3), 1, 1_000))
                    .priority(random.nextInt(4) == 0 ? Priority.BULK : Priority.INTERACTIVE)
                    .deadline(time.read() + maxWait)
                    .make();
        }

        private static String path(String thing) {
            return thing.equals(PlayedClerk.COUNT)
                    ? "/v1/users/count"
                    : thing.startsWith("user") ? "/v1/users/" + thing : "/v1/organizations/" + thing;
        }

        private static Body body(String json) {
            return new Body.Buffered(json.getBytes(StandardCharsets.UTF_8));
        }

        private void note(String what, String thing) {
            events.add("%8.3f s %s %s".formatted(time.read() / 1e9, what, thing));
        }
    }
}
