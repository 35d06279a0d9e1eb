package io.sluice.delivery;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Numbers the lanes of addressees. */
final class Lanes {
    private Lanes() {}

    /**
     * The lane of an addressee, the same in every process. Two that share one by chance only wait for each other; the order
     * is kept.
     */
    static long of(Channel channel, String addressee) {
        String name = channel.vendor() + '\n' + channel.account() + '\n' + channel.name() + '\n' + addressee;
        return ByteBuffer.wrap(sha256(name.getBytes(StandardCharsets.UTF_8))).getLong();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
