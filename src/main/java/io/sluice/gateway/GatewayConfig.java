package io.sluice.gateway;

import io.sluice.call.IdempotencyConfig;
import io.sluice.http.BodiesConfig;
import io.sluice.http.PermitWaitConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
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
    PermitWaitConfig permitWait();

    /** The sizes of request bodies. */
    BodiesConfig bodies();

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
}
