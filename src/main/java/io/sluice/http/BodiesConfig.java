package io.sluice.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** {@code sluice.bodies.*}: the sizes of request bodies. */
@ConfigMapping(prefix = "sluice.bodies")
public interface BodiesConfig {
    /**
     * The largest request body that is buffered, so that a retry can send it again; a larger one streams, and its call
     * is made once. The largest that vendors document for everyday calls is Customer.io's batch: 500 KB.
     */
    @WithDefault("512K")
    MemorySize bufferMax();

    /** The largest total size of all buffered bodies; beyond it, bodies stream. */
    @WithDefault("32M")
    MemorySize bufferTotal();

    /** The largest request body on a mount. */
    @WithDefault("1G")
    MemorySize max();

    /** The largest request body on Sluice's own API: ten thousand ids, with room. */
    @WithDefault("1M")
    MemorySize maxApi();
}
