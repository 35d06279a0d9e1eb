package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.call.failure.IllegalTargetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1/users",
                "/v1/users/",
                "/a%2Fb%2fc",
                "/a%20b;c=d,e+f(g)'*!$&=:@~",
                "/x?",
                "/x?a=1&&b=%2e%2e/../%&c[]=d?e",
                "/...",
                "/..a/.b/c..",
                "/%2e%2e%2e",
                "/a%2525b"
            })
    void what_is_legal_stays_byte_for_byte(String raw) {
        assertThat(Target.parse(raw)).hasToString(raw);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.",
                "/..",
                "/a/./b",
                "/a/../b",
                "/a/..",
                "/a/%2e",
                "/a/%2e%2E/b",
                "/a/.%2e",
                "/a/%2e.",
                "/a/..;x=1/b",
                "/a/..%3bx/b",
                "/a%2f..%2fb",
                "/..%2f",
                "/a/%252e%252e",
                "/a/.%252e/b",
                "/%2f..",
                "/a/..%5cb",
                "/a/\\..",
                "/a%5Cb",
                "/a//b",
                "//a",
                "//",
                "/a/%00",
                "/a/%0a",
                "/a/%7f",
                "/a/\u0001",
                "/a/%",
                "/a/%2",
                "/a/%g0",
                "/a/%0",
                "",
                "a",
                "*",
                "?a=b",
                "http://evil.example/x"
            })
    void what_could_climb_hide_or_break_is_refused(String raw) {
        assertThatThrownBy(() -> Target.parse(raw)).isInstanceOf(IllegalTargetException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/a\"b /a%22b",
                "/a<b>c /a%3Cb%3Ec",
                "/{a}|^` /%7Ba%7D%7C%5E%60",
                "/x?q=\"<> /x?q=%22%3C%3E",
                "/x?q=a#b /x?q=a%23b",
                "/\u00e9 /%E9",
                "/[a]?b[]=c /%5Ba%5D?b[]=c"
            })
    void what_is_illegal_is_escaped(String raw, String escaped) {
        assertThat(Target.parse(raw)).hasToString(escaped);
    }

    @Test
    void path_query_and_segments_are_told_apart() {
        Target target = Target.parse("/v1/a%2Fb/?x=/y?z");

        assertThat(target.path()).isEqualTo("/v1/a%2Fb/");
        assertThat(target.query()).isEqualTo("?x=/y?z");
        assertThat(target.segments()).containsExactly("v1", "a%2Fb", "");
    }

    @Test
    void leading_segments_can_be_taken_off() {
        assertThat(Target.parse("/clerk/v1/users?x=1").without(1)).hasToString("/v1/users?x=1");
        assertThat(Target.parse("/clerk").without(1)).hasToString("/");
        assertThat(Target.parse("/clerk/").without(1)).hasToString("/");
    }

    @Test
    void parameters_are_found_by_their_whole_name() {
        Target target = Target.parse("/x?include_transcript=true&empty=&flag&a=b=c");

        assertThat(target.asks("include_transcript", "true")).isTrue();
        assertThat(target.asks("include_transcript", "tru")).isFalse();
        assertThat(target.asks("transcript", "true")).isFalse();
        assertThat(target.asks("empty")).isTrue();
        assertThat(target.asks("flag")).isTrue();
        assertThat(target.asks("fla")).isFalse();
        assertThat(target.asks("a", "b=c")).isTrue();
        assertThat(Target.parse("/x").asks("a")).isFalse();
    }
}
