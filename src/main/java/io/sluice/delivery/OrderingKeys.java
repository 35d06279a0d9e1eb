package io.sluice.delivery;

import io.sluice.AccountId;
import io.sluice.Sha256;
import java.nio.ByteBuffer;

/** Hashes ordering keys to the numbers of their ordering groups. */
final class OrderingKeys {
    private OrderingKeys() {}

    /**
     * The ordering group of an ordering key, the same in every process. Two keys of one group by chance only wait for
     * each other; the order is kept.
     */
    static long hash(Destination destination, String orderingKey) {
        AccountId account = destination.account();
        String name = account.vendor() + '\n' + account.account() + '\n' + destination.name() + '\n' + orderingKey;
        return ByteBuffer.wrap(Sha256.of(name)).getLong();
    }
}
