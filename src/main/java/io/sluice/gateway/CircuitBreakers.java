package io.sluice.gateway;

import io.sluice.AccountId;
import io.sluice.InvalidConfigException;
import io.sluice.budget.Ticker;
import io.sluice.call.Call;
import io.sluice.call.failure.AttemptFailedException;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.call.failure.VendorThrottledException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers, for each account and operation one for all teams and one for each team: a step of the chain,
 * around all attempts of a call. A breaker opens when a configured number of calls in a row have failed; while it is open
 * no call is sent; after its delay one call at a time is let through as a probe, and the first that succeeds closes it.
 *
 * <p>A failure is: no response in time, no connection, or a 5xx, after the last retry. A refusal for the rate is a
 * response. Of one team only one failure on a path counts within the failure window; a call does not count if its
 * caller was still sending its body, or left; and a team adds at most half of the failures that open the breaker of
 * all teams. So a team whose calls fail, be it on many paths, stops itself and no other; it takes the failures of a
 * second team, and no success of any in between, to stop all.
 *
 * <p>Breakers exist only while calls fail: the first failure creates them, the success after it drops them, and those
 * whose operation is not called any more are dropped when another is created or the open ones are listed. Thread-safe.
 */
@ApplicationScoped
public class CircuitBreakers {
    private final Map<Key, Circuit> circuits = new ConcurrentHashMap<>();
    private final CircuitBreakerConfig config;
    private final Ticker ticker;
    private volatile BiConsumer<AccountId, String> opened = (_, _) -> {};

    /** The calls that a circuit's breakers stop. */
    private record Key(AccountId account, String operation) {
        static Key of(Call call) {
            return new Key(call.account().id(), call.operation().name());
        }
    }

    /** A source of failures that count once. */
    private record Source(String team, String path) {
        static Source of(Call call) {
            return new Source(
                    call.request().teamShare().team(), call.request().target().path());
        }
    }

    /**
     * A breaker that is open, or lets a probe through.
     *
     * @param team the team whose calls it stops; null if it stops those of all
     * @param left how long until the next probe; zero if the next call is one
     */
    public record OpenCircuit(
            AccountId account, String operation, @Nullable String team, Duration left) {}

    CircuitBreakers(CircuitBreakerConfig config, Ticker ticker) {
        check("delay", config.delay());
        check("failure-window", config.failureWindow());
        this.config = config;
        this.ticker = ticker;
    }

    private static void check(String key, Duration value) {
        InvalidConfigException.check(
                value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(Duration.ofHours(1)) <= 0,
                "sluice.circuit-breaker." + key,
                () -> "must be from 1 ms to 1 h: " + value);
    }

    /**
     * Makes the attempts of a call, unless a breaker of it is open; waits as they do.
     *
     * @throws CircuitBreakerOpenException if a breaker is open; then nothing was sent
     */
    Response send(Call call, Function<Call, Response> attempts) {
        List<CircuitBreaker> tripped = tripped(call);
        if (!tripped.isEmpty()) {
            // One that lets the call through must not take the other's refusal for its failure.
            if (tripped.size() > 1 && tripped.stream().anyMatch(CircuitBreaker::isOpen)) {
                throw new CircuitBreakerOpenException("open for " + Key.of(call));
            }
            Response answer = probe(call, attempts, tripped);
            succeeded(call);
            return answer;
        }
        try {
            Response answer = attempts.apply(call);
            succeeded(call);
            return answer;
        } catch (RuntimeException e) {
            if (e instanceof VendorThrottledException) {
                succeeded(call);
            } else if (isFailure(call, e)) {
                failed(call);
            }
            throw e;
        }
    }

    /** Makes the call as the probe of each of its breakers. */
    private static Response probe(Call call, Function<Call, Response> attempts, List<CircuitBreaker> breakers) {
        Function<Call, Response> guarded = attempts;
        for (CircuitBreaker breaker : breakers) {
            Function<Call, Response> inner = guarded;
            guarded = probing -> breaker.probe(probing, inner);
        }
        return guarded.apply(call);
    }

    /** Returns true if a call would be refused now; then it need not wait for a permit first. */
    boolean isOpenFor(Call call) {
        return tripped(call).stream().anyMatch(CircuitBreaker::isOpen);
    }

    /** Returns how long until the breaker that refused the call lets another one through; never less than a second. */
    Duration opensIn(Call call) {
        return Stream.concat(tripped(call).stream().map(CircuitBreaker::left), Stream.of(Duration.ofSeconds(1)))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Returns the breakers that are open, or let a probe through; drops those at rest. */
    public List<OpenCircuit> open() {
        dropResting();
        List<OpenCircuit> open = new ArrayList<>();
        circuits.values().forEach(circuit -> circuit.listOpen(open));
        return open;
    }

    /** Sets the listener that gets account and operation whenever a breaker opens. It must not wait. */
    void whenOpened(BiConsumer<AccountId, String> listener) {
        opened = listener;
    }

    /** Drops all breakers. */
    void reset() {
        circuits.clear();
    }

    /** Returns the number of operations that have breakers. */
    int size() {
        return circuits.size();
    }

    private static boolean isFailure(Call call, RuntimeException how) {
        if (call.attempts().isSendingBody()) {
            return false;
        }
        return switch (how) {
            case CallAbandonedException _ -> false;
            case TimeoutException _, AttemptFailedException _ -> true;
            // No permit was left for a further attempt: what counts is how the last one ended.
            default -> call.attempts().finalFailure().isPresent();
        };
    }

    private static String team(Call call) {
        return call.request().teamShare().team();
    }

    /** The breakers of a call that are not closed; none for all calls while the vendors are well. */
    private List<CircuitBreaker> tripped(Call call) {
        Circuit circuit = circuits.isEmpty() ? null : circuits.get(Key.of(call));
        return circuit == null ? List.of() : circuit.tripped(team(call));
    }

    private void succeeded(Call call) {
        if (!circuits.isEmpty()) {
            circuits.computeIfPresent(Key.of(call), (_, circuit) -> circuit.succeeded(team(call)) ? circuit : null);
        }
    }

    private void failed(Call call) {
        Key key = Key.of(call);
        if (!circuits.containsKey(key)) {
            dropResting();
        }
        circuits.computeIfAbsent(key, Circuit::new).failed(Source.of(call));
    }

    private void dropResting() {
        long now = ticker.read();
        for (Key key : circuits.keySet()) {
            circuits.computeIfPresent(key, (_, circuit) -> circuit.dropResting(now) ? circuit : null);
        }
    }

    /** The breakers of one operation of one account, and what they have counted. */
    private final class Circuit {
        private final Key key;
        private final Map<String, CircuitBreaker> ofTeams = new HashMap<>(); // guarded by this
        private final Map<String, Integer> added = new HashMap<>(); // guarded by this; to the failures of all, by team
        private final Map<Source, Long> counted = new HashMap<>(); // guarded by this
        private @Nullable CircuitBreaker ofAll; // guarded by this

        Circuit(Key key) {
            this.key = key;
        }

        private CircuitBreaker breaker(String whose) {
            return new CircuitBreaker(
                    "account=" + key.account() + " operation=" + key.operation() + whose,
                    config,
                    ticker,
                    () -> opened.accept(key.account(), key.operation()));
        }

        synchronized List<CircuitBreaker> tripped(String team) {
            return Stream.of(Optional.ofNullable(ofAll), Optional.ofNullable(ofTeams.get(team)))
                    .flatMap(Optional::stream)
                    .filter(CircuitBreaker::tripped)
                    .toList();
        }

        synchronized void listOpen(List<OpenCircuit> open) {
            if (ofAll != null && ofAll.tripped()) {
                open.add(new OpenCircuit(key.account(), key.operation(), null, ofAll.left()));
            }
            ofTeams.forEach((team, breaker) -> {
                if (breaker.tripped()) {
                    open.add(new OpenCircuit(key.account(), key.operation(), team, breaker.left()));
                }
            });
        }

        /** Counts a failure, unless one of the same source counts already. */
        void failed(Source source) {
            CircuitBreaker own;
            CircuitBreaker all = null;
            synchronized (this) {
                long now = ticker.read();
                counted.values()
                        .removeIf(
                                before -> now - before >= config.failureWindow().toNanos());
                if (counted.putIfAbsent(source, now) != null) {
                    return;
                }
                own = ofTeams.computeIfAbsent(source.team(), team -> breaker(" team=" + team));
                // Less than all, so that it takes another team.
                int most = Math.min(Math.ceilDiv(config.failures(), 2), config.failures() - 1);
                if (added.merge(source.team(), 1, Integer::sum) <= most) {
                    ofAll = ofAll == null ? breaker("") : ofAll;
                    all = ofAll;
                }
            }
            own.count();
            if (all != null) {
                all.count();
            }
        }

        /**
         * Takes in the success of a team's call: the failures before it count no more, those of other teams only
         * against themselves. Returns false if nothing is left.
         */
        synchronized boolean succeeded(String team) {
            added.clear();
            ofAll = ofAll != null && ofAll.tripped() ? ofAll : null;
            CircuitBreaker own = ofTeams.get(team);
            if (own != null && !own.tripped()) {
                ofTeams.remove(team);
                counted.keySet().removeIf(source -> source.team().equals(team));
            }
            return ofAll != null || !ofTeams.isEmpty();
        }

        /** Drops the breakers at rest; returns false if nothing is left. */
        synchronized boolean dropResting(long now) {
            if (ofAll != null && ofAll.rests(now)) {
                ofAll.drop();
                ofAll = null;
                added.clear();
            }
            ofTeams.values().removeIf(breaker -> {
                if (breaker.rests(now)) {
                    breaker.drop();
                    return true;
                }
                return false;
            });
            return ofAll != null || !ofTeams.isEmpty();
        }
    }
}
