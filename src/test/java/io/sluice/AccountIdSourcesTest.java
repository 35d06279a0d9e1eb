package io.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds the sources against this rule: an account is named by an {@link AccountId}, which alone makes and reads its
 * text. The sandbox is left out, since it uses nothing of the other rooms.
 */
class AccountIdSourcesTest {
    private static final Path MAIN = Path.of("src/main/java/io/sluice");

    /** A text of vendor and account that is put together, or taken apart, by hand. */
    private static final List<Pattern> BY_HAND = List.of(
            Pattern.compile("\\+\\s*[\"']/[\"']\\s*\\+\\s*[\\w.()]*[aA]ccount\\w*"),
            Pattern.compile("\"[^\"\\n]*\\b(?:clari|clerk|customerio|fathom)/(?:%s|\"\\s*\\+)"),
            Pattern.compile("\"[^\"\\n]*(?:account=|account )%s/%s"),
            Pattern.compile("[aA]ccount\\w*(?:\\(\\))?\\s*\\.(?:indexOf|split|substring)\\("));

    /** The two names side by side, as parameters or components. */
    private static final Pattern PAIR = Pattern.compile("String vendor,\\s+String account\\b");

    /** The API's own shapes: paths and JSON have the two names, which need not be those of an account. */
    private static final List<String> WITH_PAIRS =
            List.of("AccountId.java", "problem/AccountPath.java", "web/", "export/Exports.java");

    @Test
    void no_text_of_an_account_is_made_or_read_by_hand() throws IOException {
        Map<String, List<String>> found = new TreeMap<>();
        for (Map.Entry<String, String> source : sources().entrySet()) {
            List<String> here = byHand(source.getValue());
            if (!here.isEmpty()) {
                found.put(source.getKey(), here);
            }
        }

        assertThat(found)
                .as("texts of accounts that AccountId should make or read")
                .isEmpty();
    }

    @Test
    void no_vendor_and_account_are_handed_on_as_two_texts() throws IOException {
        List<String> found = sources().entrySet().stream()
                .filter(source -> WITH_PAIRS.stream().noneMatch(source.getKey()::startsWith))
                .filter(source -> PAIR.matcher(source.getValue()).find())
                .map(Map.Entry::getKey)
                .toList();

        assertThat(found)
                .as("sources with String vendor, String account in place of an AccountId")
                .isEmpty();
    }

    @Test
    void a_text_that_is_made_or_read_by_hand_is_found() {
        assertThat(List.of(
                        "vendor + \"/\" + account",
                        "exporter.vendor()\n    + \"/\" + job.spec().account()",
                        "vendor.name() + '/' + accountName",
                        "\"clari/\" + name",
                        "\"it failed: account=customerio/%s: %s\"",
                        "\"no account %s/%s\".formatted(vendor, name)",
                        "state.account().indexOf('/')",
                        "account.substring(slash + 1)"))
                .allSatisfy(source -> assertThat(byHand(source)).isNotEmpty());
        assertThat(List.of(
                        "vendor + \"/\" + second",
                        "NAME + \"/\" + DESTINATION",
                        "\"sluice.\" + vendor + \".accounts.\" + account"))
                .allSatisfy(source -> assertThat(byHand(source)).isEmpty());
    }

    private static List<String> byHand(String source) {
        return BY_HAND.stream()
                .flatMap(pattern -> pattern.matcher(source).results().map(MatchResult::group))
                .toList();
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(MAIN)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                String name = MAIN.relativize(file).toString().replace('\\', '/');
                if (!name.startsWith("sandbox/")) {
                    sources.put(name, Files.readString(file));
                }
            }
        }
        assertThat(sources).containsKey("AccountId.java");
        return sources;
    }
}
