package io.sluice.web;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of a file's bytes that was requested (RFC 9110, section 14).
 *
 * @param first its first byte
 * @param last its last byte
 */
record ByteRange(long first, long last) {
    private static final Pattern ONE = Pattern.compile("bytes=\\s*(\\d{0,18})-(\\d{0,18})\\s*");

    /** The result of reading a {@code Range} header. */
    sealed interface RequestedRange {
        /** The whole file: there is no header, or one that may be ignored, such as one of several ranges. */
        record WholeFile() implements RequestedRange {}

        record Part(ByteRange range) implements RequestedRange {}

        /** No byte of the file lies in the range. */
        record Beyond() implements RequestedRange {}
    }

    long length() {
        return last - first + 1;
    }

    static RequestedRange of(@Nullable String header, long size) {
        return Optional.ofNullable(header)
                .map(ONE::matcher)
                .filter(Matcher::matches)
                .map(range -> of(range.group(1), range.group(2), size))
                .orElseGet(RequestedRange.WholeFile::new);
    }

    private static RequestedRange of(String from, String to, long size) {
        if (from.isEmpty()) {
            if (to.isEmpty()) {
                return new RequestedRange.WholeFile();
            }
            long count = Math.min(size, Long.parseLong(to));
            return count == 0
                    ? new RequestedRange.Beyond()
                    : new RequestedRange.Part(new ByteRange(size - count, size - 1));
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(to));
        if (!to.isEmpty() && Long.parseLong(to) < first) {
            return new RequestedRange.WholeFile();
        }
        return first >= size ? new RequestedRange.Beyond() : new RequestedRange.Part(new ByteRange(first, last));
    }
}
