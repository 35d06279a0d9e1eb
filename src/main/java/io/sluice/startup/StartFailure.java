package io.sluice.startup;

import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.sluice.InvalidConfigException;
import io.smallrye.config.ConfigValidationException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The error text of a failed start, for the operator: every mistake on a line of its own that names the key. */
final class StartFailure {
    /** SmallRye Config's message for a key that no mapping has. */
    private static final Pattern UNKNOWN = Pattern.compile("(?:SRCFG\\d+: )?(\\S+) in (.+) does not map to any root");

    private static final Pattern CODE = Pattern.compile("(?:[\\w.$]+(?:Exception|Error): )*SRCFG\\d+: ");

    /** SmallRye Config's sentences about one key, and ours in their place. */
    private static final Map<Pattern, String> SENTENCES = Map.of(
            Pattern.compile("Could not expand value (\\S+) in property (\\S+)"),
                    "$2: the variable $1, which its value names, is not set",
            Pattern.compile("The config property (\\S+) with the config value \"(.*?)\" threw an Exception whilst being"
                            + " converted (.*)"),
                    "$1: \"$2\" is no valid value: $3",
            Pattern.compile("The config property (\\S+) is required but it could not be found in any config source"),
                    "$1 is required, and no source of the configuration has it",
            Pattern.compile("The config property (\\S+) is defined as the empty String \\(\"\"\\) which the following"
                            + " Converter considered to be null: .*"),
                    "$1 is required, and its value is empty");

    private StartFailure() {}

    /**
     * Returns the error text, if the failure is a mistake that an operator can correct.
     *
     * @param keys the known keys, a {@code *} for a name that the user chooses
     */
    static Optional<String> told(Throwable failure, Collection<String> keys) {
        List<Throwable> causes = Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(50)
                .toList();
        return causes.stream()
                .flatMap(cause -> lines(cause, keys).stream())
                .findFirst()
                .map(lines -> lines.size() == 1
                        ? "Sluice cannot start: " + lines.getFirst()
                        : "Sluice cannot start, " + lines.size() + " things are wrong:"
                                + String.join(
                                        "",
                                        lines.stream()
                                                .map(line -> System.lineSeparator() + "  " + line)
                                                .toList()));
    }

    private static Optional<List<String>> lines(Throwable cause, Collection<String> keys) {
        return switch (cause) {
            case ConfigValidationException wrong ->
                Optional.of(IntStream.range(0, wrong.getProblemCount())
                        .mapToObj(problem -> wrong.getProblem(problem).getMessage())
                        .map(message -> line(message, keys))
                        .distinct()
                        .sorted()
                        .toList());
            case ConfigurationException wrong ->
                Optional.of(String.valueOf(wrong.getMessage()).lines().toList());
            case InvalidConfigException wrong -> Optional.of(List.of(String.valueOf(wrong.getMessage())));
            // A value that the platform reads by itself, in none of the mappings.
            case NoSuchElementException wrong
            when CODE.matcher(String.valueOf(wrong.getMessage())).find() ->
                Optional.of(List.of(line(String.valueOf(wrong.getMessage()), keys)));
            case IllegalArgumentException wrong
            when CODE.matcher(String.valueOf(wrong.getMessage())).find() ->
                Optional.of(List.of(line(String.valueOf(wrong.getMessage()), keys)));
            case QuarkusBindException taken ->
                Optional.of(List.of("nothing can listen on port " + taken.getPort() + " of " + taken.getHost()
                        + ": another process does, or it may not"));
            default -> Optional.empty();
        };
    }

    private static String sentence(String message) {
        return SENTENCES.entrySet().stream()
                .map(each -> Map.entry(each.getKey().matcher(message), each.getValue()))
                .filter(each -> each.getKey().matches())
                .findFirst()
                .map(each -> each.getKey().replaceFirst(each.getValue()))
                .orElse(message);
    }

    private static String line(String message, Collection<String> keys) {
        Matcher unknown = UNKNOWN.matcher(message);
        if (!unknown.find()) {
            return sentence(CODE.matcher(message).replaceAll("").replaceAll("\\R", " "));
        }
        String key = unknown.group(1);
        String source = unknown.group(2);
        return RenamedKeys.presentName(key)
                .map(present -> key + ": was renamed to " + present + " (" + source + ")")
                .orElseGet(() -> key + ": there is no such key (" + source + ")"
                        + NearestKey.of(key, keys)
                                .map(known -> "; did you mean " + known + "?")
                                .orElse(""));
    }
}
