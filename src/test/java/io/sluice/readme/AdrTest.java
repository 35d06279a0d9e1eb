package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The decisions: each has a date, a status and the same sections, and the index lists all of them. */
class AdrTest {
    private static final List<String> SECTIONS =
            List.of("Context", "Decision", "Alternatives refused", "Consequences", "How we would know it was wrong");
    private static final Pattern NUMBER = Pattern.compile(".*/(\\d{4})-[^/]*\\.md");
    private static final Pattern HEAD = Pattern.compile(
            "# (\\d+)\\. ([^\\n]+)\\n\\nDate: (\\d{4}-\\d\\d-\\d\\d)\\. Status: ((?:accepted|superseded by)\\b.*?)\\.\\n\\n.*",
            Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\[(\\d+)]\\((\\d{4})-[^)]*\\)");

    private final Map<Integer, Page> records = records();

    @Test
    void each_has_a_title_a_date_and_a_status() {
        records.forEach((number, page) -> {
            assertThat(page.text()).as(page.toString()).matches(HEAD);
            assertThat(head(page).group(1)).isEqualTo(number.toString());
        });
    }

    @Test
    void each_has_the_same_sections() {
        assertThat(records.values())
                .isNotEmpty()
                .allSatisfy(page -> assertThat(
                                page.headings().subList(1, page.headings().size()))
                        .as(page.toString())
                        .isEqualTo(SECTIONS));
    }

    @Test
    void the_index_is_the_folder() {
        Map<Integer, List<String>> listed = new TreeMap<>();
        Page.of("adr/README.md")
                .table("number")
                .forEach(row -> listed.put(Integer.valueOf(row.getFirst().replaceAll("\\[(\\d+)].*", "$1")), row));
        Map<Integer, List<String>> expected = new TreeMap<>();
        records.forEach((number, page) -> expected.put(
                number,
                List.of(
                        "[" + number + "](" + page.path().getFileName() + ")",
                        head(page).group(2),
                        head(page).group(3),
                        status(page))));

        assertThat(listed).isEqualTo(expected);
    }

    @Test
    void superseding_is_said_on_both_sides() {
        records.forEach((number, page) -> {
            assertThat(others(page, "superseded by"))
                    .as(page + " is superseded by")
                    .allSatisfy(other ->
                            assertThat(others(record(other), "supersedes")).contains(number));
            assertThat(others(page, "supersedes"))
                    .as(page + " supersedes")
                    .allSatisfy(other ->
                            assertThat(others(record(other), "superseded by")).contains(number));
        });
    }

    private Page record(int number) {
        assertThat(records).containsKey(number);
        return Objects.requireNonNull(records.get(number));
    }

    /** The records that the status names after a word, up to the next comma that begins something else. */
    private static List<Integer> others(Page page, String word) {
        return Pattern.compile(", (?=in part|super)")
                .splitAsStream(status(page))
                .filter(part -> part.contains(word))
                .flatMap(part -> LINK.matcher(part).results())
                .map(link -> Integer.valueOf(link.group(1)))
                .toList();
    }

    private static String status(Page page) {
        return head(page).group(4).replace('\n', ' ');
    }

    private static MatchResult head(Page page) {
        Matcher head = HEAD.matcher(page.text());
        assertThat(head.matches())
                .as(page + " begins with title, date and status")
                .isTrue();
        return head.toMatchResult();
    }

    private static Map<Integer, Page> records() {
        Map<Integer, Page> records = new TreeMap<>();
        for (Page page : Page.all()) {
            Matcher number = NUMBER.matcher(page.toString());
            if (number.matches()) {
                records.put(Integer.valueOf(number.group(1)), page);
            }
        }
        return records;
    }
}
