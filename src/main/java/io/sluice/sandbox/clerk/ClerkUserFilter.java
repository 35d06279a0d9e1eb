package io.sluice.sandbox.clerk;

import io.sluice.sandbox.http.Call;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A filter of users, parsed from the query of a list or a count. */
final class ClerkUserFilter {
    private static final int MOST_VALUES = 100;

    /** Filters by exact value, each with the values that a user has for it. */
    private static final Map<String, Function<JsonObject, List<String>>> EXACT = Map.of(
            "user_id", user -> List.of(user.getString("id")),
            "external_id", user -> present(user.getString("external_id")),
            "username", user -> present(user.getString("username")),
            "email_address", ClerkUsers::emails,
            "phone_number", user -> List.of());

    /** Filters by a part of a value. */
    private static final Map<String, Function<JsonObject, String>> PARTIAL = Map.of(
            "query", ClerkUserFilter::everything,
            "email_address_query", user -> String.join(" ", ClerkUsers.emails(user)),
            "username_query", user -> String.valueOf(user.getString("username")),
            "name_query", user -> user.getString("first_name") + " " + user.getString("last_name"));

    private final List<Predicate<JsonObject>> predicates = new ArrayList<>();

    private ClerkUserFilter() {}

    static ClerkUserFilter of(Call call) {
        ClerkUserFilter filter = new ClerkUserFilter();
        EXACT.forEach((name, values) -> filter.exact(name, call.queries(name), values));
        PARTIAL.forEach((name, text) -> filter.partial(call.query(name), text));
        if (call.query("banned") != null) {
            filter.predicates.add(user -> user.getBoolean("banned") == call.queryFlag("banned"));
        }
        if (call.query("created_at_before") != null) {
            long before = call.queryNumber("created_at_before", 0);
            filter.predicates.add(user -> user.getLong("created_at") < before);
        }
        if (call.query("created_at_after") != null) {
            long after = call.queryNumber("created_at_after", 0);
            filter.predicates.add(user -> user.getLong("created_at") > after);
        }
        return filter;
    }

    private void exact(String name, List<String> asked, Function<JsonObject, List<String>> values) {
        if (asked.size() > MOST_VALUES) {
            throw ClerkErrors.invalid(name, "at most %d values of %s".formatted(MOST_VALUES, name));
        }
        Set<String> included = new HashSet<>();
        Set<String> excluded = new HashSet<>();
        for (String value : asked) {
            if (value.startsWith("-")) {
                excluded.add(value.substring(1));
            } else {
                // An unescaped plus sign arrives as a blank.
                included.add(value.startsWith("+") || value.startsWith(" ") ? value.substring(1) : value);
            }
        }
        if (!included.isEmpty()) {
            predicates.add(user -> values.apply(user).stream().anyMatch(included::contains));
        }
        if (!excluded.isEmpty()) {
            predicates.add(user -> values.apply(user).stream().noneMatch(excluded::contains));
        }
    }

    private void partial(@Nullable String asked, Function<JsonObject, String> text) {
        if (asked != null) {
            String part = asked.toLowerCase(Locale.ROOT);
            predicates.add(user -> text.apply(user).toLowerCase(Locale.ROOT).contains(part));
        }
    }

    private static List<String> present(@Nullable String value) {
        return value == null ? List.of() : List.of(value);
    }

    private static String everything(JsonObject user) {
        return String.join(
                " ",
                user.getString("id"),
                String.valueOf(user.getString("external_id")),
                String.valueOf(user.getString("username")),
                String.valueOf(user.getString("first_name")),
                String.valueOf(user.getString("last_name")),
                String.join(" ", ClerkUsers.emails(user)));
    }

    Stream<JsonObject> apply(Stream<JsonObject> users) {
        return users.filter(user -> predicates.stream().allMatch(predicate -> predicate.test(user)));
    }
}
