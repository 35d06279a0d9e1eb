package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkRewriterTest {
    private static final String VENDOR = "https://v.io/";
    private static final String SLUICE = "http://localhost:8080/clari/";
    private static final Pattern LINK =
            Pattern.compile("(\"nextLink\"[ \n\r\t]*:[ \n\r\t]*\")https:\\\\?/\\\\?/v\\.io\\\\?/");

    private static final String[] KEYS = {
        "\"nextLink\"", "\"nextLink\"", "\"nextLin\"", "\"nextLinkk\"", "\"\"", "\"n\"", "\"\\\"nextLink\\\"\"", "\"ä\""
    };

    private static final String[] VALUES = {
        "\"https://v.io/a\"",
        "\"https:\\/\\/v.io\\/a\"",
        "\"https://v.io\"",
        "\"https://v.io.evil/\"",
        "\"https://v.https://v.io/\"",
        "\"\\\"nextLink\\\":\\\"https://v.io/\"",
        "\"nextLink\"",
        "\"\"",
        "null",
        "-1.5e3"
    };

    private static final String[] SPACES = {"", "", "", " ", "\n", "\r\n\t "};

    @Test
    void does_what_replacing_in_the_whole_text_does_however_the_text_is_cut() throws IOException {
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            String json = object(random, 3);

            assertThat(rewritten(json, random))
                    .as("seed %d: %s", seed, json)
                    .isEqualTo(LINK.matcher(json).replaceAll("$1" + Matcher.quoteReplacement(SLUICE)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0000',
            value = {
                "{\"nextLink\":\"https://v.io/a\"}|{\"nextLink\":\"http://localhost:8080/clari/a\"}",
                "{\"nextLink\" :  \"https:\\/\\/v.io\\/a\"}|{\"nextLink\" :  \"http://localhost:8080/clari/a\"}",
                "{\"nextLink\":null}|{\"nextLink\":null}",
                "{\"nextLinks\":\"https://v.io/a\"}|{\"nextLinks\":\"https://v.io/a\"}",
                "{\"nextLink\":\"https://v.io.evil/a\"}|{\"nextLink\":\"https://v.io.evil/a\"}",
                "{\"x\":\"https://v.io/a\"}|{\"x\":\"https://v.io/a\"}",
                "{\"nextLink\":[\"https://v.io/a\"]}|{\"nextLink\":[\"https://v.io/a\"]}",
                "\"nextLink\":\"https://v.io|\"nextLink\":\"https://v.io"
            })
    void rewrites_the_one_link_and_no_near_miss(String json, String expected) throws IOException {
        assertThat(rewritten(json, new Random(1))).isEqualTo(expected);
    }

    private static String object(Random random, int depth) {
        return IntStream.range(0, random.nextInt(6))
                .mapToObj(member -> space(random)
                        + KEYS[random.nextInt(KEYS.length)]
                        + space(random)
                        + ":"
                        + space(random)
                        + value(random, depth)
                        + space(random))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String value(Random random, int depth) {
        if (depth > 0 && random.nextInt(4) == 0) {
            return random.nextBoolean() ? object(random, depth - 1) : "[" + value(random, depth - 1) + "]";
        }
        return VALUES[random.nextInt(VALUES.length)];
    }

    private static String space(Random random) {
        return SPACES[random.nextInt(SPACES.length)];
    }

    private static String rewritten(String json, Random random) throws IOException {
        InputStream trickling = new InputStream() {
            private final InputStream all = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));

            @Override
            public int read() throws IOException {
                return all.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return all.read(into, offset, Math.min(length, 1 + random.nextInt(7)));
            }
        };
        try (InputStream rewriter = new LinkRewriter(trickling, "nextLink", VENDOR, SLUICE)) {
            return new String(rewriter.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
