package io.sluice;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The elements of header fields that hold lists, separated by commas (RFC 9110, 5.6.1), in any case. */
public final class HeaderElements {
    private HeaderElements() {}

    /**
     * Returns the first group of the first element that matches, in lower case.
     *
     * @param values of all fields of one name
     * @param element a pattern for a whole element in lower case, with a group, and with the white space around it
     */
    public static Optional<String> first(List<String> values, Pattern element) {
        for (String value : values) {
            for (String part : value.split(",", -1)) {
                Matcher matcher = element.matcher(part.toLowerCase(Locale.ROOT));
                if (matcher.matches()) {
                    return Optional.of(matcher.group(1));
                }
            }
        }
        return Optional.empty();
    }
}
