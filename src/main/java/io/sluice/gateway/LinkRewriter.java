package io.sluice.gateway;

import io.sluice.BlockFilter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * A stream filter that replaces the beginning of one link in a JSON document: where the value of a given name begins
 * with the vendor's URL, it begins with Sluice's instead. Everything else passes byte for byte.
 *
 * <p>A small automaton over the bytes: it holds back only what may be the beginning of the name, the colon and the URL,
 * so it never holds more than these.
 */
final class LinkRewriter extends BlockFilter {
    private enum Part {
        NAME,
        COLON,
        QUOTE,
        URL
    }

    private final byte[] name;
    private final byte[] url;
    private final byte[] replacement;

    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private byte[] ready = new byte[0];
    private int next;
    private boolean ended;

    private Part part = Part.NAME;
    private int matched;

    /**
     * @param name of the value that is the link
     * @param url the vendor's, where its links begin
     * @param replacement what they begin with instead
     */
    LinkRewriter(InputStream json, String name, String url, String replacement) {
        super(json);
        this.name = ('"' + name + '"').getBytes(StandardCharsets.UTF_8);
        this.url = url.getBytes(StandardCharsets.UTF_8);
        this.replacement = replacement.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (next == ready.length) {
            if (ended) {
                return -1;
            }
            fill(length);
        }
        int count = Math.min(length, ready.length - next);
        System.arraycopy(ready, next, into, offset, count);
        next += count;
        return count;
    }

    @Override
    public int available() {
        // The replacement may be longer than the original, or shorter.
        return ready.length - next;
    }

    private void fill(int wanted) throws IOException {
        byte[] raw = new byte[Math.min(Math.max(wanted, 512), 8192)];
        int count = in.read(raw, 0, raw.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length + replacement.length);
        for (int i = 0; i < count; i++) {
            step(raw[i], out);
        }
        if (count < 0) {
            ended = true;
            giveUp(out);
        }
        ready = out.toByteArray();
        next = 0;
    }

    private void step(byte b, ByteArrayOutputStream out) {
        boolean fits = switch (part) {
            case NAME -> b == name[matched];
            case COLON -> b == ':' || isSpace(b);
            case QUOTE -> b == '"' || isSpace(b);
            // Some encoders escape slashes.
            case URL -> b == url[matched] || (b == '\\' && url[matched] == '/');
        };
        if (!fits) {
            giveUp(out);
            if (b == name[0]) {
                held.write(b);
                matched = 1;
            } else {
                out.write(b);
            }
            return;
        }
        held.write(b);
        switch (part) {
            case NAME -> advance(b == name[matched], name.length, Part.COLON);
            case COLON -> part = b == ':' ? Part.QUOTE : Part.COLON;
            case QUOTE -> part = b == '"' ? Part.URL : Part.QUOTE;
            case URL -> {
                if (b == url[matched] && ++matched == url.length) {
                    replace(out);
                }
            }
        }
    }

    private void advance(boolean matches, int length, Part following) {
        if (matches && ++matched == length) {
            part = following;
            matched = 0;
        }
    }

    private void replace(ByteArrayOutputStream out) {
        byte[] text = held.toByteArray();
        int quote = text.length - 1;
        while (text[quote] != '"') {
            quote--;
        }
        out.write(text, 0, quote + 1);
        out.writeBytes(replacement);
        restart();
    }

    private void giveUp(ByteArrayOutputStream out) {
        out.writeBytes(held.toByteArray());
        restart();
    }

    private void restart() {
        held.reset();
        part = Part.NAME;
        matched = 0;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
