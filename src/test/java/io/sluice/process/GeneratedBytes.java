package io.sluice.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What the sandbox's big downloads hold: eight-byte words that count up from zero. */
final class GeneratedBytes extends InputStream {
    private static final int CHUNK = 1 << 16;

    private final long length;
    private ByteBuffer chunk = ByteBuffer.allocate(0);
    private long made;

    GeneratedBytes(long length) {
        this.length = length;
    }

    /** The checksum of so many. */
    static String sha256(long length) throws IOException {
        return sha256(new GeneratedBytes(length));
    }

    /** The checksum of all that a stream holds. */
    static String sha256(InputStream bytes) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
        byte[] buffer = new byte[CHUNK];
        for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
            digest.update(buffer, 0, count);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (!chunk.hasRemaining() && !more()) {
            return -1;
        }
        int count = Math.min(length, chunk.remaining());
        chunk.get(into, offset, count);
        return count;
    }

    private boolean more() {
        if (made == length) {
            return false;
        }
        chunk = ByteBuffer.allocate(CHUNK);
        for (long word = made / Long.BYTES; chunk.hasRemaining(); word++) {
            chunk.putLong(word);
        }
        chunk.flip().limit((int) Math.min(CHUNK, length - made));
        made += chunk.remaining();
        return true;
    }
}
