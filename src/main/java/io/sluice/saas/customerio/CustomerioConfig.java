package io.sluice.saas.customerio;

import io.sluice.saas.LimitConfig;
import io.sluice.saas.OperationConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.time.DurationMin;

/** The configuration of Customer.io, {@code sluice.customerio.*}: the company's Customer.io workspaces. */
@ConfigMapping(prefix = "sluice.customerio")
public interface CustomerioConfig {
    /** The workspaces, by the name that stands in the mount: {@code /customerio@NAME/track/...}. */
    Map<String, Account> accounts();

    /** The configuration of single operations, by name. */
    Map<String, OperationConfig> operations();

    /** How many exports of a workspace may be under way at once; Customer.io documents no limit. */
    @WithDefault("4")
    @Min(1)
    int exportSlots();

    /** How long the events of reporting webhooks are kept for teams to read. */
    @WithDefault("7d")
    Duration webhookRetention();

    /** The monitoring of broadcasts once they are triggered. */
    Broadcasts broadcasts();

    /** The check of each workspace's region at start-up. */
    RegionChecks regionCheck();

    /** The check of each workspace's region at start-up. */
    interface RegionChecks {
        /**
         * True if the region of each workspace is checked at start-up, unless {@code sluice.credential-check.enabled}
         * switches all such calls off.
         */
        @WithDefault("true")
        boolean enabled();

        /** How long the call waits for a permit. */
        @WithDefault("30s")
        Duration permitTimeout();
    }

    /** The monitoring of broadcasts once they are triggered. */
    interface Broadcasts {
        /** How often the list of triggers is read to find one whose outcome is unknown. */
        @WithDefault("3")
        @Min(1)
        @Max(20)
        int lookupAttempts();

        /** The interval between these lookups. */
        @WithDefault("2s")
        Duration lookupInterval();

        /** How often Customer.io is polled for the triggers it has processed, while some are pending. */
        @WithDefault("10s")
        Duration pollInterval();

        /**
         * How long a trigger whose outcome is unknown is searched for in the list; longer than a call takes, with its
         * wait for a permit and the lookups after it.
         */
        @WithDefault("1h")
        @DurationMin(minutes = 10)
        Duration claimRetention();

        /** How long a trigger may be pending before it no longer counts, even if Customer.io still reports it so. */
        @WithDefault("30m")
        Duration maxAge();
    }

    /** One workspace. Each API has a credential of its own; those without one are not served. */
    interface Account {
        /** The region of the workspace's data; selects the hosts. */
        @WithDefault("us")
        Region region();

        /** The URL of the Track API, if not the region's. */
        Optional<URI> trackUrl();

        /** The URL of the App API, if not the region's. */
        Optional<URI> appUrl();

        /** The URL of the Pipelines API, if not the region's. */
        Optional<URI> pipelinesUrl();

        /** The user of the Track API. */
        Optional<String> siteId();

        /** The password of the Track API. */
        Optional<String> trackApiKey();

        /** The token of the App API. */
        Optional<String> appApiKey();

        /** The key of the Pipelines API. */
        Optional<String> pipelinesKey();

        /** The keys that reporting webhooks may be signed with; two while one is replaced by the other. */
        Optional<List<String>> webhookKey();

        /**
         * True if calls are sent asynchronously without being asked to, where they can be: SDKs cannot set
         * {@code Prefer}, and are answered as the vendor does.
         */
        @WithDefault("false")
        boolean async();

        /**
         * The reasons in a 207 that are transient: the operation is retried; with any other it becomes a dead letter.
         */
        @WithDefault("rate_limited,throttled,timeout,unavailable,internal,internal_error,server_error")
        Set<String> transientReasons();

        /** The plan that the limits are taken from, unless they are configured. */
        @WithDefault("observed")
        Plan plan();

        /** Limits that differ from the plan's. */
        Map<String, LimitConfig> limits();
    }

    /** The source of the numbers of limits. */
    enum Plan {
        /** The numbers that guides and reviews agree on. */
        OBSERVED,
        /** The numbers of Customer.io's documents of 2026, a limit that "is not strictly enforced". */
        DOCUMENTED_2026
    }

    /** The region of a workspace's data. */
    enum Region {
        US(""),
        EU("-eu");

        private final String suffix;

        Region(String suffix) {
            this.suffix = suffix;
        }

        /** A surface's hosts in every region. */
        static Set<URI> all(Function<Region, URI> surface) {
            return Stream.of(values()).map(surface).collect(Collectors.toSet());
        }

        URI track() {
            return URI.create("https://track" + suffix + ".customer.io");
        }

        URI app() {
            return URI.create("https://api" + suffix + ".customer.io");
        }

        URI pipelines() {
            return URI.create("https://cdp" + suffix + ".customer.io");
        }
    }
}
