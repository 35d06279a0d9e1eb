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

/** {@code sluice.*}: the settings that concern every vendor. */
@ConfigMapping(prefix = "sluice")
public interface GatewayConfig {
    /** Host names that stand for mounts, such as {@code track.sluice.internal=customerio/track}. */
    Map<String, String> hosts();

    /** The persistence of budgets. */
    Budget budget();

    /**
     * Accounts, as {@code vendor/account}, whose budget decides and counts but lets every call pass: to see its effect
     * before it is enforced.
     */
    Optional<Set<String>> shadowAccounts();

    /** How often a call follows a redirection to another URL of the vendor's. */
    @WithDefault("3")
    @Min(0)
    @Max(10)
    int maxRedirects();

    /**
     * How long a read may take from the sending of its first attempt on, with all further ones and the waits between
     * them, until its response begins: two of the vendors' timeouts of 30 s, which is also the default timeout of
     * common HTTP clients.
     */
    @WithDefault("60s")
    @DurationMin(millis = 1)
    Duration callTimeout();

    /** How long calls wait for a permit. */
    Wait permitWait();

    /** The sizes of request bodies. */
    Bodies bodies();

    /** The idempotency of calls that callers repeat. */
    IdempotencyConfig idempotency();

    /** The persistence of budgets. The numbers are our own. */
    interface Budget {
        /** True if the budgets outlive a restart, in files below {@code data-dir}: calls made before still count. */
        @WithDefault("true")
        boolean persist();

        /** How long after a call its end is saved at the latest, so that a restart does not count it as open. */
        @WithDefault("1s")
        Duration checkpointInterval();

        /** A write that takes longer counts as one to a store that is away, until it ends. */
        @WithDefault("2s")
        Duration checkpointTimeout();

        /** How long after a failed write the next one begins. */
        @WithDefault("1s")
        Duration checkpointRetryDelay();
    }

    /** How long calls wait for a permit. */
    interface Wait {
        /** The maximal wait of a call without {@code Prefer: wait}. */
        @WithDefault("30s")
        @WithName("default")
        Duration byDefault();

        /** The upper bound of {@code Prefer: wait}. */
        @WithDefault("300s")
        Duration max();

        /** How often a call that the vendor throttles goes back to the queue. */
        @WithDefault("10")
        @Min(1)
        int maxRequeues();

        /** How long the lookup that prepares a broadcast's outcome resolution waits for a permit. */
        @WithDefault("2s")
        Duration beforeBroadcast();
    }

    /** The sizes of request bodies. */
    interface Bodies {
        /**
         * The largest request body that is buffered, so that a retry can send it again; a larger one streams, and its
         * call is made once. The largest that vendors document for everyday calls is Customer.io's batch: 500 KB.
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
}
