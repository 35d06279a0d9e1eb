package io.sluice.bench;

import io.sluice.budget.TeamShare;
import io.sluice.cache.CacheConfig;
import io.sluice.cache.CacheDirectives;
import io.sluice.call.Call;
import io.sluice.call.CallBuilder;
import io.sluice.call.CallMeters;
import io.sluice.call.PlayedAttempts;
import io.sluice.call.Result;
import io.sluice.call.Target;
import io.sluice.gateway.PlayedGateway;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import io.sluice.saas.clerk.PlayedClerk;
import io.sluice.simulation.Interleaving;
import io.sluice.simulation.VendorLimiter;
import io.sluice.simulation.VirtualTime;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Table 6: what many lookups of Clerk's users cost, through Sluice and by code as the seed has it. On virtual time, so
 * that the vendor and its clock are the same for all; what runs through Sluice is everything between mount and vendor.
 */
final class ClerkBenchmark {
    private static final int LOOKUPS = 10_000;
    private static final int USERS = 1_000;
    private static final int CALLERS = 20;
    private static final int EACH = LOOKUPS / CALLERS;
    private static final int PERMITS = 100;
    private static final long SECOND = 1_000_000_000L;
    private static final long WINDOW = 10 * SECOND;
    private static final long MILLI = 1_000_000L;

    private final VirtualTime time = new VirtualTime();
    private final SplittableRandom random = new SplittableRandom(6);
    private final Interleaving threads = new Interleaving(time, random.split());
    private final VendorLimiter limiter = new VendorLimiter.SlidingLog(PERMITS, WINDOW);
    private int calls;
    private int refused;
    private int done;
    private long over;

    private ClerkBenchmark() {}

    /** What a caller does for its share of the lookups. */
    @FunctionalInterface
    private interface Caller {
        void look(int number, int[] users);
    }

    static String table() throws IOException, InterruptedException {
        return """
                ## 6. Clerk's users

                %,d lookups of %,d users, each any of them, by %d callers at once, on an instance that takes %d calls in any
                10 s and is 20 to 120 ms away. On virtual time; through Sluice with everything between mount and vendor.
                The seed's code is run as it is told: it keeps users for 60 s, for all callers; its SDK tries nothing again, so
                here a caller that gets 429 comes again when `Retry-After` is over.

                | | calls at the vendor | of these 429 | until the last lookup |
                |---|---|---|---|
                """.formatted(LOOKUPS, USERS, CALLERS, PERMITS)
                + row("Sluice, `GET /clerk/v1/users/ID` one after the other", ClerkBenchmark::throughSluice)
                + row("Sluice, all of a caller's at once", ClerkBenchmark::throughSluiceAtOnce)
                + row("the seed, `getUser` one after the other", ClerkBenchmark::oneByOne)
                + row("the seed, 10 at once and 500 ms of rest", ClerkBenchmark::tenByTen)
                + "\n"
                + HttpHits.table();
    }

    private static String row(String name, java.util.function.Function<ClerkBenchmark, Caller> way) {
        ClerkBenchmark benchmark = new ClerkBenchmark();
        Caller caller = way.apply(benchmark);
        for (int number = 0; number < CALLERS; number++) {
            int[] users = benchmark.random.ints(EACH, 0, USERS).toArray();
            int own = number;
            benchmark.threads.execute(() -> caller.look(own, users));
        }
        benchmark.threads.runOut();
        if (benchmark.done != LOOKUPS) {
            throw new IllegalStateException(benchmark.done + " lookups were answered");
        }
        return "| %s | %,d | %,d | %.1f s |%n"
                .formatted(name, benchmark.calls, benchmark.refused, benchmark.over / 1e9);
    }

    private void done() {
        done++;
        over = time.read();
    }

    private Caller throughSluice() {
        Mount mount = new Mount();
        return (number, users) -> {
            for (int user : users) {
                mount.read(number, user);
            }
        };
    }

    private Caller throughSluiceAtOnce() {
        Mount mount = new Mount();
        return (number, users) -> {
            for (int user : users) {
                threads.execute(() -> mount.read(number, user));
            }
        };
    }

    /** Sluice before the vendor. */
    private final class Mount {
        private final Surface surface;
        private final PlayedGateway gateway;
        private int made;

        Mount() {
            CallMeters meters = new CallMeters();
            PlayedAttempts attempts = new PlayedAttempts(time, meters);
            Vendor clerk = PlayedClerk.on(
                    Map.of("sluice.clerk.accounts.default.secret-key", "sk_test_bench"),
                    call -> attempts.make(call, this::exchange));
            surface = clerk.surfaces().getFirst();
            gateway = new PlayedGateway(time, threads, meters, clerk, PlayedClerk.configured(CacheConfig.class), time);
        }

        void read(int caller, int user) {
            Target target = Target.parse("/v1/users/user_" + user);
            Route.Match match = surface.match("GET", target);
            Call call = CallBuilder.of("GET", target)
                    .id("req_" + ++made)
                    .account(surface.account("default").orElseThrow())
                    .operation(match.operation())
                    .dialect(surface.dialect())
                    .variables(match.variables())
                    .team(new TeamShare("team" + caller % 4, 1, LOOKUPS))
                    .deadline(time.read() + 300 * SECOND)
                    .make();
            try {
                Result result = gateway.make(call, surface, CacheDirectives.NONE)
                        .orElseThrow()
                        .result();
                if (!(result instanceof Result.Answered answered)
                        || answered.answer().status() != 200) {
                    throw new IllegalStateException(call.id() + ": " + result);
                }
                try (InputStream body = answered.answer().body()) {
                    body.readAllBytes();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            done();
        }

        private Response exchange(Call call) {
            long retryAfter = arrive();
            if (retryAfter > 0) {
                return Response.status(429).header("Retry-After", retryAfter).build();
            }
            String body = call.request().target().names().size() == 2
                    ? Stream.of(call.request().target().query().substring(1).split("&", -1))
                            .filter(parameter -> parameter.startsWith("user_id="))
                            .map(parameter -> user(parameter.substring("user_id=".length())))
                            .collect(Collectors.joining(",", "[", "]"))
                    : user(call.request().target().names().getLast());
            return Response.ok(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))
                    .header("Content-Type", "application/json")
                    .build();
        }
    }

    private static String user(String id) {
        return "{\"id\":\"" + id + "\",\"updated_at\":1}";
    }

    /** A call at the vendor and back; tells how long to wait in seconds if it is refused. */
    private long arrive() {
        threads.sleep(random.nextLong(10 * MILLI, 60 * MILLI));
        calls++;
        long now = time.read();
        boolean admitted = limiter.admits(now);
        refused += admitted ? 0 : 1;
        long retryAfter = admitted ? 0 : Math.max(1, Math.ceilDiv(limiter.resetAt(now) - now, SECOND));
        threads.sleep(random.nextLong(10 * MILLI, 60 * MILLI));
        return retryAfter;
    }

    private Caller oneByOne() {
        Map<Integer, Long> kept = new HashMap<>();
        return (number, users) -> {
            for (int user : users) {
                getUser(kept, user);
            }
        };
    }

    private Caller tenByTen() {
        Map<Integer, Long> kept = new HashMap<>();
        return (number, users) -> tens(kept, users, 0);
    }

    private void tens(Map<Integer, Long> kept, int[] users, int from) {
        int[] left = {Math.min(10, users.length - from)};
        for (int i = from; i < Math.min(from + 10, users.length); i++) {
            int user = users[i];
            threads.execute(() -> {
                getUser(kept, user);
                if (--left[0] == 0 && from + 10 < users.length) {
                    threads.sleep(500 * MILLI);
                    tens(kept, users, from + 10);
                }
            });
        }
    }

    private void getUser(Map<Integer, Long> kept, int user) {
        Long since = kept.get(user);
        if (since == null || time.read() - since >= 60 * SECOND) {
            for (long retryAfter = arrive(); retryAfter > 0; retryAfter = arrive()) {
                threads.sleep(retryAfter * SECOND);
            }
            kept.put(user, time.read());
        }
        done();
    }
}
