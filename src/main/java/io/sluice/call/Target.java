package io.sluice.call;

import io.sluice.call.failure.IllegalTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The path and query of a request exactly as they stand in its first line.
 *
 * <p>Nothing is decoded or normalised, since vendors sign, split and compare these very bytes. So that a path means the
 * same to us as to the vendor, one that could be resolved to another path is refused: dot segments in any spelling,
 * empty segments, backslashes, control characters, malformed escapes.
 */
public final class Target {
    private static final String HEX = "0123456789ABCDEF";
    /** The characters that RFC 3986 allows in a path; all others are escaped, which changes no meaning. */
    private static final String LEGAL_IN_PATH = "-._~!$&'()*+,;=:@/%";
    /** Those of a query. Brackets are not among RFC 3986's, but lists such as {@code id[]=1} are sent everywhere. */
    private static final String LEGAL_IN_QUERY = LEGAL_IN_PATH + "?[]";
    /** One or two dots between slashes of either kind, whatever parameters they have. */
    private static final Pattern DOTS = Pattern.compile("(?:^|[/\\\\])\\.\\.?(?:\\z|[/\\\\;])");

    private final String path;
    private final String query;
    private final List<String> segments;
    private final List<String> names;

    private Target(String path, String query, List<String> segments, List<String> names) {
        this.path = path;
        this.query = query;
        this.segments = segments;
        this.names = names;
    }

    /**
     * Parses a path, and a query if a question mark follows.
     *
     * @throws IllegalTargetException if the path does not begin with a slash or could mean something else to the vendor
     */
    public static Target parse(String raw) {
        int question = raw.indexOf('?');
        String path = escapeIllegal(question < 0 ? raw : raw.substring(0, question), LEGAL_IN_PATH);
        String query = question < 0 ? "" : escapeIllegal(raw.substring(question), LEGAL_IN_QUERY);
        if (!path.startsWith("/")) {
            throw new IllegalTargetException("the path must begin with a slash");
        }
        List<String> segments = split(path.substring(1));
        List<String> names = new ArrayList<>(segments.size());
        for (int i = 0; i < segments.size(); i++) {
            names.add(name(segments.get(i), i == segments.size() - 1));
        }
        return new Target(path, query, segments, List.copyOf(names));
    }

    /** Returns the path with its leading slash, undecoded. */
    public String path() {
        return path;
    }

    /** Returns the query with its leading question mark, undecoded; empty if there is none. */
    public String query() {
        return query;
    }

    /** Returns the path's segments, undecoded; a slash at the end makes a last one that is empty. */
    public List<String> segments() {
        return segments;
    }

    /** Returns the path's segments, decoded, for comparing. */
    public List<String> names() {
        return names;
    }

    /** Returns the same target without its first segments. */
    public Target without(int leading) {
        List<String> rest = segments.subList(leading, segments.size());
        return new Target("/" + String.join("/", rest), query, rest, names.subList(leading, names.size()));
    }

    /** Returns true if the query has a parameter of that name with that value, both compared undecoded. */
    public boolean asks(String name, String value) {
        return parameters().anyMatch((name + "=" + value)::equals);
    }

    /** Returns true if the query has a parameter of that name, compared undecoded, whatever its value. */
    public boolean asks(String name) {
        return parameters().anyMatch(parameter -> parameter.equals(name) || parameter.startsWith(name + "="));
    }

    /** Returns path and query as they are sent. */
    @Override
    public String toString() {
        return path + query;
    }

    private Stream<String> parameters() {
        return query.isEmpty() ? Stream.empty() : Stream.of(query.substring(1).split("&", -1));
    }

    private static List<String> split(String path) {
        List<String> segments = new ArrayList<>();
        int from = 0;
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', from)) {
            segments.add(path.substring(from, slash));
            from = slash + 1;
        }
        segments.add(path.substring(from));
        return List.copyOf(segments);
    }

    /** The segment decoded; refused if it could mean something else to the vendor. */
    private static String name(String segment, boolean last) {
        if (segment.isEmpty() && !last) {
            throw new IllegalTargetException("the path has an empty segment");
        }
        String decoded = decode(segment, true);
        for (int i = 0; i < decoded.length(); i++) {
            char c = decoded.charAt(i);
            if (c < ' ' || c == 0x7f) {
                throw new IllegalTargetException("the path has a control character");
            }
            if (c == '\\') {
                throw new IllegalTargetException("the path has a backslash");
            }
        }
        // An escaped slash is part of a name, but a server behind the vendor's may take it for a real one, and one that
        // decodes twice decodes still more.
        checkDots(decoded);
        if (decoded.indexOf('%') >= 0) {
            checkDots(decode(decoded, false));
        }
        return decoded;
    }

    private static void checkDots(String decoded) {
        if (DOTS.matcher(decoded).find()) {
            throw new IllegalTargetException("the path has a dot segment");
        }
    }

    /**
     * The bytes of the segment with its escapes decoded, a char each; malformed escapes are refused, or left as
     * they are.
     */
    private static String decode(String segment, boolean strict) {
        byte[] bytes = new byte[segment.length()];
        int length = 0;
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c != '%') {
                bytes[length++] = (byte) c;
                continue;
            }
            int value = escape(segment, i);
            if (value < 0 && strict) {
                throw new IllegalTargetException("the path has a malformed percent escape");
            }
            if (value < 0) {
                bytes[length++] = (byte) c;
                continue;
            }
            bytes[length++] = (byte) value;
            i += 2;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** The value of the escape at {@code i}, or -1 if there is none. */
    private static int escape(String text, int i) {
        if (i + 2 >= text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(i + 1), 16);
        int low = Character.digit(text.charAt(i + 2), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    private static String escapeIllegal(String raw, String others) {
        StringBuilder legal = null;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            boolean fine = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || others.indexOf(c) >= 0;
            if (fine && legal == null) {
                continue;
            }
            if (legal == null) {
                legal = new StringBuilder(raw.length() + 16).append(raw, 0, i);
            }
            if (fine) {
                legal.append(c);
            } else {
                // The request line is decoded as one char a byte.
                legal.append('%').append(HEX.charAt(c >> 4 & 0xf)).append(HEX.charAt(c & 0xf));
            }
        }
        return legal == null ? raw : legal.toString();
    }
}
