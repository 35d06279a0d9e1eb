package io.sluice.http;

/** The format of one JSON value a line. */
public final class Ndjson {
    /** The content type. */
    public static final String TYPE = "application/x-ndjson";

    private Ndjson() {}

    /** Puts a JSON value on one line, in place: line ends in JSON stand between tokens only, where blanks mean the same. */
    public static byte[] oneLine(byte[] json) {
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                json[i] = ' ';
            }
        }
        return json;
    }
}
