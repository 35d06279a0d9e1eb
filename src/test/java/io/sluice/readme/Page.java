package io.sluice.readme;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One document of the project: README.md or a Markdown page below {@code src/docs}, in parts. */
public final class Page {
    private static final Path README = Path.of("README.md");
    private static final Path DOCUMENTS = Path.of("src/docs");
    private static final Pattern CONTINUED = Pattern.compile("\\\\\\n\\s*");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    private final Path path;
    private final String text;

    private Page(Path path) {
        this.path = path;
        try {
            this.text = Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Page readme() {
        return new Page(README);
    }

    /**
     * The page of that name.
     *
     * @param name the path below {@code src/docs}
     */
    public static Page of(String name) {
        return new Page(DOCUMENTS.resolve(name));
    }

    /** README first, then all pages by their paths. */
    static List<Page> all() {
        List<Page> pages = new ArrayList<>(List.of(readme()));
        try (Stream<Path> files = Files.walk(DOCUMENTS)) {
            files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(Page::new)
                    .forEach(pages::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pages;
    }

    /** The pages that say how things are now; the others tell of decisions and changes of their time. */
    static List<Page> current() {
        return all().stream()
                .filter(page -> !page.path.startsWith(DOCUMENTS.resolve("adr")))
                .filter(page -> !page.path.endsWith("changelog.md"))
                .toList();
    }

    Path path() {
        return path;
    }

    public String text() {
        return text;
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

    /** The cells of the rows of the first table whose first column has a header. */
    public List<List<String>> table(String firstHeader) {
        List<List<String>> rows = text.lines()
                .dropWhile(line -> !line.startsWith("| " + firstHeader + " |"))
                .takeWhile(line -> line.startsWith("|"))
                .skip(2)
                .map(Page::cells)
                .toList();
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(path + " has no table that begins with the column " + firstHeader);
        }
        return rows;
    }

    private static List<String> cells(String row) {
        return Arrays.stream(row.substring(1, row.length() - 1).split("\\|", -1))
                .map(String::strip)
                .toList();
    }

    /** The first texts between backticks of a table's rows. */
    public List<String> names(String firstHeader) {
        return table(firstHeader).stream()
                .map(row -> code(row.getFirst()).getFirst())
                .toList();
    }

    /** The texts between backticks of the paragraph that begins so. */
    List<String> named(String beginning) {
        return Pattern.compile("\\n\\n")
                .splitAsStream(text)
                .filter(paragraph -> paragraph.strip().startsWith(beginning))
                .map(Page::code)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(path + " has no paragraph: " + beginning));
    }

    /** The texts between backticks, each on one line. */
    public static List<String> code(String text) {
        return CODE.matcher(text)
                .results()
                .map(quoted -> quoted.group(1).replaceAll("\\s*\\n\\s*", " "))
                .toList();
    }

    /** The texts between backticks in prose and tables. */
    List<String> code() {
        return code(prose());
    }

    /** The text without its blocks of code. */
    String prose() {
        return FENCED.matcher(text).replaceAll("");
    }

    /** The titles, in their order. */
    List<String> headings() {
        return HEADING.matcher(prose()).results().map(title -> title.group(1)).toList();
    }

    /** The anchors that links may name, as GitHub and GitLab make them of the titles. */
    Set<String> anchors() {
        return headings().stream()
                .map(title -> title.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\s-]", "")
                        .strip()
                        .replace(' ', '-'))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The targets of the links. */
    List<String> links() {
        return Pattern.compile("\\]\\(([^)\\s]+)\\)")
                .matcher(prose())
                .results()
                .map(link -> link.group(1))
                .toList();
    }

    /** The occurrences of a pattern. */
    List<String> all(Pattern pattern) {
        return pattern.matcher(text).results().map(MatchResult::group).toList();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
