package io.sluice.call;

import io.sluice.budget.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A class of calls with the same limits, cost and retry safety.
 *
 * @param name unique on its surface; the value of the metrics' tag {@code operation}
 * @param uses the limits that each attempt counts against
 */
public record Operation(String name, Effect effect, Repeat repeat, List<Use> uses) {
    public Operation {
        uses = List.copyOf(uses);
    }

    /** What the calls do at the vendor. */
    public enum Effect {
        READ,
        WRITE
    }

    /** When another attempt is safe. */
    public enum Repeat {
        /** A read, or a write that comes to the same thing however often it is made. */
        ANY_FAILURE,
        /** Only where the vendor surely did nothing: it refused for the rate, or was never reached. */
        UNEXECUTED
    }

    /**
     * One limit that an attempt counts against.
     *
     * @param per the path variable that selects the counter, such as the user of a per-user limit; empty for a limit
     *     of the whole account
     */
    public record Use(String limit, String per, int permits) {
        /** One permit of the account's limit. */
        public static Use of(String limit) {
            return new Use(limit, "", 1);
        }

        /** One permit of the counter that the path variable selects. */
        public static Use per(String limit, String variable) {
            return new Use(limit, variable, 1);
        }
    }

    /** A read that counts against limits of the whole account. */
    public static Operation read(String name, String... limits) {
        return new Operation(name, Effect.READ, Repeat.ANY_FAILURE, wholeAccount(limits));
    }

    /** A write that may be made twice. */
    public static Operation idempotentWrite(String name, String... limits) {
        return new Operation(name, Effect.WRITE, Repeat.ANY_FAILURE, wholeAccount(limits));
    }

    /** A write that must not be made twice. */
    public static Operation write(String name, String... limits) {
        return new Operation(name, Effect.WRITE, Repeat.UNEXECUTED, wholeAccount(limits));
    }

    /** The same operation, which counts against one limit more: one counter for each value of a path variable. */
    public Operation andPer(String variable, String limit) {
        List<Use> more = new ArrayList<>(uses);
        more.add(Use.per(limit, variable));
        return new Operation(name, effect, repeat, more);
    }

    /** What one attempt takes, the path's variables filled in. */
    List<Claim> claims(Map<String, String> variables) {
        return uses.stream()
                .map(use -> new Claim(
                        use.limit(), use.per().isEmpty() ? "" : variables.getOrDefault(use.per(), ""), use.permits()))
                .toList();
    }

    private static List<Use> wholeAccount(String... limits) {
        return List.of(limits).stream().map(Use::of).toList();
    }
}
