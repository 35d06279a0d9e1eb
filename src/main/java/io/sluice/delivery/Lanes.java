package io.sluice.delivery;

import io.sluice.Sha256;
import java.nio.ByteBuffer;

/** Numbers the lanes of addressees. */
final class Lanes {
    private Lanes() {}

    /**
     * The lane of an addressee, the same in every process. Two that share one by chance only wait for each other; the order
     * is kept.
     */
    static long of(Channel channel, String addressee) {
        String name = channel.vendor() + '\n' + channel.account() + '\n' + channel.name() + '\n' + addressee;
        return ByteBuffer.wrap(Sha256.of(name)).getLong();
    }
}
