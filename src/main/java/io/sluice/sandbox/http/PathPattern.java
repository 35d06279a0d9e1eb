package io.sluice.sandbox.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A path with variables, such as {@code /v1/users/{user}}. Matched segment by segment on the raw path and decoded only
 * then, so that a {@code %2F} belongs to the segment it stands in. A last segment {@code **} takes any rest.
 */
record PathPattern(String text, List<String> segments) {
    private static final String REST = "**";

    static PathPattern of(String text) {
        return new PathPattern(text, split(text));
    }

    /** The decoded variables of {@code rawPath}, or null when it does not match. */
    @Nullable
    Map<String, String> match(String rawPath) {
        List<String> actual = split(rawPath);
        boolean open = segments.getLast().equals(REST);
        int fixed = open ? segments.size() - 1 : segments.size();
        if (open ? actual.size() < fixed : actual.size() != fixed) {
            return null;
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < fixed; i++) {
            String segment = segments.get(i);
            if (segment.startsWith("{")) {
                variables.put(segment.substring(1, segment.length() - 1), decode(actual.get(i)));
            } else if (!segment.equals(actual.get(i))) {
                return null;
            }
        }
        return variables;
    }

    private static List<String> split(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** A path segment's text: a plus sign stays one, and a broken escape stays as it is. */
    static String decode(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException brokenEscape) {
            return segment;
        }
    }
}
