package io.sluice.sandbox.http;

import io.sluice.sandbox.limits.Limits;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One simulated vendor: its limits and settings, the surfaces that share them, and the state behind them. All access to
 * that state holds the lock of this object; the work is short and in memory.
 */
public final class Vendor {
    private final String name;
    private final Limits limits;
    private final Settings settings;
    private final State state;
    private final List<Surface> surfaces;
    private final Map<String, Map<String, Long>> outcomes = new TreeMap<>(); // guarded by this

    public Vendor(String name, Limits limits, Settings settings, State state, List<Surface> surfaces) {
        this.name = name;
        this.limits = limits;
        this.settings = settings;
        this.state = state;
        this.surfaces = List.copyOf(surfaces);
    }

    public String name() {
        return name;
    }

    public Limits limits() {
        return limits;
    }

    public Settings settings() {
        return settings;
    }

    public List<Surface> surfaces() {
        return surfaces;
    }

    /** The names of the operations of all surfaces, each once. */
    public Set<String> operations() {
        return surfaces.stream()
                .flatMap(surface -> surface.operations().names().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Does the work of one call. */
    synchronized SandboxResponse work(Operation operation, Call call) {
        return operation.work().answer(call);
    }

    /** Counts the outcome of a call, by operation. */
    synchronized void ended(String operation, String outcome) {
        outcomes.computeIfAbsent(operation, absent -> new TreeMap<>()).merge(outcome, 1L, Long::sum);
    }

    public synchronized JsonObject report() {
        JsonObject calls = new JsonObject();
        outcomes.forEach((operation, counts) -> {
            JsonObject byOutcome = new JsonObject();
            counts.forEach(byOutcome::put);
            calls.put(operation, byOutcome);
        });
        return new JsonObject().put("limits", limits.json()).put("calls", calls).put("state", state.summary());
    }

    /** A bulky part of the report, by name. */
    public synchronized JsonObject details(String part) {
        return state.details(part);
    }

    public synchronized void reset() {
        outcomes.clear();
        limits.reset();
        settings.reset();
        state.reset();
    }

    /** Starts the counts of limits and outcomes again; state, numbers and settings stay. */
    public synchronized void clearCounts() {
        outcomes.clear();
        limits.clear();
    }

    /** The state that a vendor keeps between calls. */
    public interface State {
        JsonObject summary();

        /**
         * A bulky part of the report.
         *
         * @throws ControlException when there is no such part
         */
        JsonObject details(String part);

        void reset();
    }
}
