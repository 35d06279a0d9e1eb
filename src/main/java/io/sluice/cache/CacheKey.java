package io.sluice.cache;

import io.sluice.call.CallRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The cache key of a read: account, operation, path, query and some headers. Names and values are compared by what they
 * mean, and parameters in any order except that of one name's values.
 */
final class CacheKey {
    /** A separator that occurs in no path and no header, which have no control characters. */
    private static final char END = '\n';

    private CacheKey() {}

    static String of(CallRequest call, List<String> headers) {
        StringBuilder key = new StringBuilder(128)
                .append(call.account().budget())
                .append(END)
                .append(call.operation().name())
                .append(END);
        call.target().names().forEach(name -> key.append(name).append(END));
        key.append('?').append(query(call.target().query()));
        for (String header : headers) {
            String value = call.headers().getFirst(header);
            key.append(END).append(value == null ? "" : value.strip());
        }
        return key.toString();
    }

    /**
     * The parameters sorted by name, those of one name in the order given; with lengths, so that no two queries have
     * the same text.
     */
    private static String query(String raw) {
        if (raw.length() <= 1) {
            return "";
        }
        return Arrays.stream(raw.substring(1).split("&", -1))
                .filter(parameter -> !parameter.isEmpty())
                .map(CacheKey::parameter)
                .sorted(Comparator.comparing(Parameter::name))
                .map(parameter -> measured(parameter.name()) + measured(parameter.value()))
                .collect(Collectors.joining());
    }

    private static Parameter parameter(String raw) {
        int equals = raw.indexOf('=');
        return equals < 0
                ? new Parameter(decoded(raw), "")
                : new Parameter(decoded(raw.substring(0, equals)), decoded(raw.substring(equals + 1)));
    }

    private static String decoded(String raw) {
        try {
            return URLDecoder.decode(raw, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return raw;
        }
    }

    private static String measured(String text) {
        return text.length() + ":" + text;
    }

    private record Parameter(String name, String value) {}
}
