package io.sluice.saas;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.export.job.Exporter.InvalidRequestException;
import java.util.Collection;
import java.util.Iterator;

/**
 * Checks of the JSON of export requests, for vendors that would silently replace what they do not recognize. Each
 * throws {@link InvalidRequestException} with a text for the caller.
 */
public final class JsonChecks {
    private JsonChecks() {}

    /** Checks a condition. */
    public static void check(boolean met, String otherwise) {
        if (!met) {
            throw new InvalidRequestException(otherwise);
        }
    }

    /**
     * Checks that an object has no other fields than these.
     *
     * @param where the path of the object in the request, such as {@code options.}
     */
    public static void checkFields(JsonNode given, String where, Collection<String> names) {
        for (Iterator<String> fields = given.fieldNames(); fields.hasNext(); ) {
            String field = fields.next();
            check(names.contains(field), "there is no field " + where + field + "; there are " + names);
        }
    }

    /** Checks that a field is absent or an object. */
    public static void checkObject(JsonNode given, String name) {
        check(given.isMissingNode() || given.isObject(), name + " must be an object");
    }

    /** Returns a field that must be a text, neither blank nor longer than a number of characters. */
    public static String text(JsonNode given, String name, int longest) {
        JsonNode value = given.path(name);
        check(
                value.isTextual()
                        && !value.textValue().isBlank()
                        && value.textValue().length() <= longest,
                name + " must be a text of 1 to " + longest + " characters");
        return value.textValue();
    }

    /** Returns a field that must be one of these texts, or the default if it is absent. */
    public static String oneOf(JsonNode given, String name, Collection<String> allowed, String otherwise) {
        JsonNode value = given.path(name);
        if (value.isMissingNode()) {
            return otherwise;
        }
        check(value.isTextual() && allowed.contains(value.textValue()), name + " is one of " + allowed + ": " + value);
        return value.textValue();
    }
}
