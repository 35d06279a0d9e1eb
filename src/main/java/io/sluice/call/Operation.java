package io.sluice.call;

import io.sluice.budget.LimitCost;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A class of calls with the same limits, cost and retry safety.
 *
 * @param name unique on its surface; the value of the metrics' tag {@code operation}
 * @param nonRepeatable whether its effect reaches people or cannot be undone, so that it is recorded before it is made
 * @param uses the limits that each attempt counts against
 */
public record Operation(String name, Effect effect, RetrySafety retrySafety, boolean nonRepeatable, List<Use> uses) {
    public Operation {
        uses = List.copyOf(uses);
    }

    /** The effect of the calls at the vendor. */
    public enum Effect {
        READ,
        WRITE
    }

    /** The condition under which another attempt is safe. */
    public enum RetrySafety {
        /** A read, or a write that has the same effect however often it is made. */
        IDEMPOTENT,
        /** Safe only where the vendor surely did nothing: it refused for the rate, or was never reached. */
        UNSENT_ONLY
    }

    /**
     * One limit that an attempt counts against.
     *
     * @param per the path variables that select the counter, such as the user of a per-user limit; empty for a limit
     *     of the whole account
     */
    public record Use(String limit, List<String> per) {
        public Use {
            per = List.copyOf(per);
        }

        LimitCost cost(Map<String, String> variables) {
            return LimitCost.on(
                    limit,
                    per.stream().map(name -> variables.getOrDefault(name, "")).collect(Collectors.joining("/")));
        }
    }

    /** A read that counts against limits of the whole account. */
    public static Operation read(String name, String... limits) {
        return new Operation(name, Effect.READ, RetrySafety.IDEMPOTENT, false, wholeAccount(limits));
    }

    /** A write that may be repeated. */
    public static Operation idempotentWrite(String name, String... limits) {
        return new Operation(name, Effect.WRITE, RetrySafety.IDEMPOTENT, false, wholeAccount(limits));
    }

    /** A write that must not be repeated. */
    public static Operation write(String name, String... limits) {
        return new Operation(name, Effect.WRITE, RetrySafety.UNSENT_ONLY, false, wholeAccount(limits));
    }

    /**
     * A write that must not be repeated and whose effect cannot be undone: it reaches people, or destroys what cannot
     * be restored.
     */
    public static Operation nonRepeatableWrite(String name, String... limits) {
        return new Operation(name, Effect.WRITE, RetrySafety.UNSENT_ONLY, true, wholeAccount(limits));
    }

    /**
     * Returns the same operation, which also counts against one more limit: one with a counter for each user,
     * for instance.
     */
    public Operation andPer(String limit, String... variables) {
        return new Operation(
                name,
                effect,
                retrySafety,
                nonRepeatable,
                Stream.concat(uses.stream(), Stream.of(new Use(limit, List.of(variables))))
                        .toList());
    }

    /** Returns the costs of one attempt, with the values of the path variables. */
    List<LimitCost> costs(Map<String, String> variables) {
        return uses.stream().map(use -> use.cost(variables)).toList();
    }

    private static List<Use> wholeAccount(String... limits) {
        return Stream.of(limits).map(limit -> new Use(limit, List.of())).toList();
    }
}
