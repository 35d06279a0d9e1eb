package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.MalformedCallException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The filter grammar of the App API: and, or, not, attribute; segments have no members. */
final class CustomerioFilter {
    private CustomerioFilter() {}

    static Predicate<CustomerioPerson> of(JsonObject filter) {
        if (filter.size() != 1) {
            throw new MalformedCallException("a filter has exactly one of and, or, not, segment, attribute");
        }
        return switch (filter.fieldNames().iterator().next()) {
            case "and" -> {
                List<Predicate<CustomerioPerson>> parts = parts(filter.getJsonArray("and"));
                yield person -> parts.stream().allMatch(part -> part.test(person));
            }
            case "or" -> {
                List<Predicate<CustomerioPerson>> parts = parts(filter.getJsonArray("or"));
                yield person -> parts.stream().anyMatch(part -> part.test(person));
            }
            case "not" -> of(filter.getJsonObject("not")).negate();
            case "segment" -> person -> false;
            case "attribute" -> attribute(filter.getJsonObject("attribute"));
            default -> throw new MalformedCallException("a filter has one of and, or, not, segment, attribute");
        };
    }

    private static List<Predicate<CustomerioPerson>> parts(JsonArray filters) {
        List<Predicate<CustomerioPerson>> parts = new ArrayList<>();
        for (int i = 0; i < filters.size(); i++) {
            parts.add(of(filters.getJsonObject(i)));
        }
        return parts;
    }

    private static Predicate<CustomerioPerson> attribute(JsonObject attribute) {
        String field = attribute.getString("field", "");
        String value = String.valueOf(attribute.getValue("value"));
        return switch (attribute.getString("operator", "")) {
            case "exists" -> person -> person.attribute(field) != null;
            case "eq" -> person -> value.equals(String.valueOf(person.attribute(field)));
            default -> throw new MalformedCallException("operator must be eq or exists");
        };
    }
}
