package io.sluice.startup;

import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.sluice.InvalidConfigException;
import io.smallrye.config.ConfigValidationException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The error text of a failed start, for the operator: every mistake on a line of its own that names the key. */
final class StartFailure {
    /** SmallRye Config's message for a key that no mapping has. */
    private static final Pattern UNKNOWN = Pattern.compile("(?:SRCFG\\d+: )?(\\S+) in (.+) does not map to any root");

    private static final Pattern CODE = Pattern.compile("(?:^[\\w.]+: )?SRCFG\\d+: ");

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
            case QuarkusBindException taken ->
                Optional.of(List.of("nothing can listen on port " + taken.getPort() + " of " + taken.getHost()
                        + ": another process does, or it may not"));
            default -> Optional.empty();
        };
    }

    private static String line(String message, Collection<String> keys) {
        Matcher unknown = UNKNOWN.matcher(message);
        if (!unknown.find()) {
            return CODE.matcher(message).replaceAll("").replaceAll("\\R", " ");
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
