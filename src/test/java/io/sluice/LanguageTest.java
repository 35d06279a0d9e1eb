package io.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the comments and texts of the code against the rules of {@link Language}, and each rule against fixtures. */
class LanguageTest {
    private static final Path CODE = Path.of("src", "main", "java", "io", "sluice");

    @Test
    void the_code_keeps_the_rules() {
        assertThat(sources().flatMap(file -> Language.violations(file.toString(), read(file)).stream()))
                .isEmpty();
    }

    @Test
    void the_code_that_is_checked_is_found() {
        assertThat(sources())
                .contains(CODE.resolve("Clocks.java"), CODE.resolve("budget").resolve("package-info.java"))
                .hasSizeGreaterThan(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Who", "What", "Whether", "Whose", "Whoever", "Which"})
    void a_types_definition_begins_with_no_question_word(String word) {
        assertThat(violations("""
                package wrong;

                /** %s waits, and whose turn it is. */
                final class Queue {}
                """.formatted(word))).contains("Wrong.java:3: a sentence begins with \"" + word + "\"");
    }

    @Test
    void no_later_sentence_begins_with_a_question_word() {
        assertThat(violations("""
                /**
                 * A queue. Whose turn it is depends.
                 * Whether it waits,
                 * too.
                 *
                 * What it costs
                 *
                 * <p>Who waits is counted:
                 * <ul>
                 *   <li>Which team
                 * </ul>
                 */
                interface Queue {
                    /** Whether it is empty. */
                    boolean isEmpty();

                    /* A note.
                       What is left. */
                    int size();
                }
                """))
                .containsExactly(
                        "Wrong.java:2: a sentence begins with \"Whose\"",
                        "Wrong.java:3: a sentence begins with \"Whether\"",
                        "Wrong.java:6: a sentence begins with \"What\"",
                        "Wrong.java:8: a sentence begins with \"Who\"",
                        "Wrong.java:10: a sentence begins with \"Which\"",
                        "Wrong.java:14: a sentence begins with \"Whether\"",
                        "Wrong.java:18: a sentence begins with \"What\"");
    }

    @Test
    void question_words_may_stand_elsewhere() {
        assertThat(violations("""
                /**
                 * A queue that tells
                 * whether it is empty, and what is in it.
                 *
                 * <pre>
                 * Who    waits
                 * </pre>
                 *
                 * @param what What is queued
                 */
                record Queue(String what) {
                    // What follows is a reason, not a definition.
                    static final String TITLE = "What waits";
                    /* Whatever comes first is next. */
                }
                """)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "somebody", "whoever", "anybody", "Nobody", "Whoever"})
    void no_comment_and_no_text_speaks_of_machines_as_of_persons(String word) {
        assertThat(violations("""
                /**
                 * A queue for which,
                 * at night, %1$s waits.
                 */
                class Queue {
                    int size = '"'; // for %1$s
                    // or %1$s else
                    String text = "a \\\\"quoted\\\\" %1$s";
                    String block = \"""
                        // at first
                        then %1$s
                        \""";
                }
                """.formatted(word).replace("\\\\", "\\")))
                .containsExactly(
                        "Wrong.java:3: a comment contains \"" + word + "\"",
                        "Wrong.java:6: a comment contains \"" + word + "\"",
                        "Wrong.java:7: a comment contains \"" + word + "\"",
                        "Wrong.java:8: a string contains \"" + word + "\"",
                        "Wrong.java:11: a string contains \"" + word + "\"");
    }

    @Test
    void code_and_parts_of_words_are_no_texts() {
        assertThat(violations("""
                /** A queue without anybodys and nobody2. */
                class Queue {
                    String nobody = whoever();
                }
                """)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "class Queue {}",
                "interface Queue {}",
                "enum Queue { ONE }",
                "record Queue(int size) {}",
                "@interface Queue {}",
                "public final class Queue<T> extends Base implements Other {}"
            })
    void every_type_at_the_top_has_a_definition(String type) {
        String undefined = """
                /* No Javadoc. */
                @Deprecated(since = "{")
                @Names({"one", "two"})
                %s
                """;
        assertThat(violations("package wrong;\n\nimport java.util.List;\n\n" + undefined.formatted(type)))
                .containsExactly("Wrong.java:8: the type Queue has no Javadoc");
        assertThat(violations("package wrong;\n\n/** A queue. */\n" + undefined.formatted(type)))
                .isEmpty();
    }

    @Test
    void the_definition_of_one_type_is_not_that_of_the_next() {
        assertThat(violations("""
                /** A package. */
                package wrong;

                /** A queue. */
                record Queue(int size) {
                    class Inner {}
                }

                class Other {
                    /** A queue of the other. */
                    class Inner {}
                }
                """)).containsExactly("Wrong.java:9: the type Other has no Javadoc");
    }

    private static List<String> violations(String source) {
        return Language.violations("Wrong.java", source);
    }

    private static Stream<Path> sources() {
        try (Stream<Path> files = Files.walk(CODE)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
