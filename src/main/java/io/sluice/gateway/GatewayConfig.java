package io.sluice.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.sluice.call.IdempotencyConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;

/** {@code sluice.*}: what concerns every vendor. */
@ConfigMapping(prefix = "sluice")
public interface GatewayConfig {
    /** Host names that stand for mounts, such as {@code track.sluice.internal=customerio/track}. */
    Map<String, String> hosts();

    /** How budgets are saved. */
    Budget budget();

    /**
     * Accounts, as {@code vendor/account}, whose budget decides and counts but lets every call pass: to see what it would
     * do before it does it.
     */
    Optional<Set<String>> shadowAccounts();

    /** How often a call follows a vendor that redirects it, to another place of the vendor's. */
    @WithDefault("3")
    @Min(0)
    @Max(10)
    int maxRedirects();

    /**
     * How long a read may take from the sending of its first attempt on, with all further ones and the waits between them, until
     * its answer begins: two of the vendors' timeouts of 30 s, and what patience HTTP clients have by default.
     */
    @WithDefault("60s")
    @DurationMin(millis = 1)
    Duration callTimeout();

    /** How long callers wait for a permit. */
    Wait permitWait();

    /** What bodies may weigh. */
    Bodies bodies();

    /** How calls that callers repeat are kept from being made twice. */
    IdempotencyConfig idempotency();

    /** How budgets are saved. The numbers are our own. */
    interface Budget {
        /** Whether the budgets outlive a restart, in files below {@code data-dir}: calls made before still count. */
        @WithDefault("true")
        boolean persist();

        /** How long after a call its end is saved at the latest, so that a restart does not take it for open. */
        @WithDefault("1s")
        Duration checkpointInterval();

        /** A write that takes longer is taken for one to a store that is away, until it ends. */
        @WithDefault("2s")
        Duration checkpointTimeout();

        /** How long after a write that failed the next one begins. */
        @WithDefault("1s")
        Duration checkpointRetryDelay();
    }

    /** How long callers wait for a permit. */
    interface Wait {
        /** Without a {@code Prefer: wait}. */
        @WithDefault("30s")
        @WithName("default")
        Duration byDefault();

        /** However much {@code Prefer: wait} asks for. */
        @WithDefault("300s")
        Duration max();

        /** How often a call that the vendor throttles goes back to the queue. */
        @WithDefault("10")
        @Min(1)
        int maxRequeues();

        /** How long the lookup before a write, which may resolve it later, waits for a permit. */
        @WithDefault("2s")
        Duration beforeBroadcast();
    }

    /** What bodies may weigh. */
    interface Bodies {
        /**
         * A request body up to this size is kept, so that a retry can send it again; a larger one passes through, and
         * its call is made once. The largest that vendors document for everyday calls is Customer.io's batch: 500 KB.
         */
        @WithDefault("512K")
        MemorySize bufferMax();

        /** What all kept bodies may weigh together; beyond it, bodies pass through. */
        @WithDefault("32M")
        MemorySize bufferTotal();

        /** The largest request body on a mount. */
        @WithDefault("1G")
        MemorySize max();

        /** The largest request body on Sluice's own API: ten thousand ids, with room. */
        @WithDefault("1M")
        MemorySize maxApi();
    }
}
