package io.sluice.readme;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** README.md in parts. */
final class Readme {
    private static final Pattern CONTINUED = Pattern.compile("\\\\\\n\\s*");

    private final String text;

    private Readme(String text) {
        this.text = text;
    }

    static Readme read() {
        try {
            return new Readme(Files.readString(Path.of("README.md")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The blocks of code in a language, in their order. */
    List<String> blocks(String language) {
        return Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$")
                .matcher(text)
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    /** The shell commands that begin with a word, each on one line. */
    List<String> commands(String word) {
        return blocks("sh").stream()
                .map(block -> CONTINUED.matcher(block).replaceAll(" "))
                .flatMap(String::lines)
                .filter(line -> line.startsWith(word + " "))
                .toList();
    }

    /** The cells of those rows, of whatever table, whose first cell matches; without the backticks around a cell. */
    List<List<String>> rows(Pattern firstCell) {
        return text.lines()
                .filter(line -> line.startsWith("| "))
                .map(line -> Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1))
                        .map(String::strip)
                        .toList())
                .filter(cells -> firstCell.matcher(cells.getFirst()).matches())
                .toList();
    }

    /** What stands between backticks. */
    static List<String> code(String cell) {
        return Pattern.compile("`([^`]*)`")
                .matcher(cell)
                .results()
                .map(MatchResult::group)
                .map(quoted -> quoted.substring(1, quoted.length() - 1))
                .toList();
    }

    Stream<String> lines() {
        return text.lines();
    }
}
