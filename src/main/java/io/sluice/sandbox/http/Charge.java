package io.sluice.sandbox.http;

import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A limit that an operation falls under.
 *
 * @param key the scope that a call belongs to, or null when this call is not under the limit
 */
public record Charge(String limit, Function<Call, @Nullable String> key) {
    /** Every call, in one scope. */
    public static Charge of(String limit) {
        return new Charge(limit, call -> "");
    }

    /** Every call, in a scope per value of the path parameters. */
    public static Charge per(String limit, String... parameters) {
        return new Charge(limit, call -> {
            StringBuilder key = new StringBuilder();
            for (String parameter : parameters) {
                key.append('/').append(call.parameter(parameter));
            }
            return key.toString();
        });
    }

    /** The calls that {@code applies} holds for, in one scope. */
    public static Charge when(String limit, Predicate<Call> applies) {
        return new Charge(limit, call -> applies.test(call) ? "" : null);
    }
}
