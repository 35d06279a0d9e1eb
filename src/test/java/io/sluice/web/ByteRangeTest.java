package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code Range} headers come to, of a file of 100 bytes. */
class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 0",
        "bytes=0-99, 0, 99",
        "bytes=0-, 0, 99",
        "bytes=99-, 99, 99",
        "bytes=10-19, 10, 19",
        "bytes=10-1000, 10, 99",
        "bytes=-1, 99, 99",
        "bytes=-100, 0, 99",
        "bytes=-101, 0, 99",
        "bytes= 5-6, 5, 6",
        "bytes=0-999999999999999999, 0, 99"
    })
    void a_part_is_cut_to_the_file(String header, long first, long last) {
        assertThat(ByteRange.of(header, 100)).isEqualTo(new ByteRange.RequestedRange.Part(new ByteRange(first, last)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999999-"})
    void nothing_lies_beyond_the_end(String header) {
        assertThat(ByteRange.of(header, 100)).isEqualTo(new ByteRange.RequestedRange.Beyond());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=5-4",
                "bytes=0-1,5-6",
                "lines=0-1",
                "bytes=a-b",
                "bytes=0x1-2",
                "bytes=9999999999999999999-"
            })
    void what_cannot_be_understood_is_passed_over(String header) {
        assertThat(ByteRange.of(header, 100)).isEqualTo(new ByteRange.RequestedRange.WholeFile());
    }

    @Test
    void no_header_asks_for_the_whole_file() {
        assertThat(ByteRange.of(null, 100)).isEqualTo(new ByteRange.RequestedRange.WholeFile());
    }

    @Test
    void an_empty_file_has_no_parts() {
        assertThat(ByteRange.of("bytes=0-", 0)).isEqualTo(new ByteRange.RequestedRange.Beyond());
        assertThat(ByteRange.of("bytes=-5", 0)).isEqualTo(new ByteRange.RequestedRange.Beyond());
    }

    @Test
    void a_part_knows_its_length() {
        assertThat(new ByteRange(10, 19).length()).isEqualTo(10);
    }
}
