package io.sluice.vendor.customerio;

import io.sluice.vendor.LimitConfig;
import io.sluice.vendor.OperationConfig;
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

/** {@code sluice.customerio.*}: the company's Customer.io workspaces. */
@ConfigMapping(prefix = "sluice.customerio")
public interface CustomerioConfig {
    /** The workspaces, by the name that stands in the mount: {@code /customerio@NAME/track/...}. */
    Map<String, Account> accounts();

    /** What is different for single operations, by name. */
    Map<String, OperationConfig> operations();

    /** How many exports of a workspace may be under way at once; Customer.io documents no limit. */
    @WithDefault("4")
    @Min(1)
    int exportSlots();

    /** How long the events of reporting webhooks are kept for teams to read. */
    @WithDefault("7d")
    Duration webhookRetention();

    /** How broadcasts are followed once they are triggered. */
    Broadcasts broadcasts();

    /** How Customer.io is asked at start-up for the region of each workspace. */
    RegionChecks regionCheck();

    /** How Customer.io is asked at start-up for the region of each workspace. */
    interface RegionChecks {
        /**
         * Whether Customer.io is asked at start-up for the region of each workspace, unless {@code
         * sluice.credential-check.enabled} switches all such calls off.
         */
        @WithDefault("true")
        boolean enabled();

        /** How long the call waits for a permit. */
        @WithDefault("30s")
        Duration permitTimeout();
    }

    /** How broadcasts are followed once they are triggered. */
    interface Broadcasts {
        /** How often the list of triggers is asked for one whose outcome is unknown. */
        @WithDefault("3")
        @Min(1)
        @Max(20)
        int lookupAttempts();

        /** Interval between these lookups. */
        @WithDefault("2s")
        Duration lookupInterval();

        /** How often Customer.io is asked which triggers it has processed, while some wait. */
        @WithDefault("10s")
        Duration pollInterval();

        /**
         * How long one whose outcome is unknown may be among those that are listed; longer than a call takes, with its wait
         * for a permit and the looks after it.
         */
        @WithDefault("1h")
        @DurationMin(minutes = 10)
        Duration claimRetention();

        /** How long a trigger may wait before it no longer counts, whatever Customer.io says. */
        @WithDefault("30m")
        Duration maxAge();
    }

    /** One workspace. Each API has a credential of its own; those without one are not served. */
    interface Account {
        /** Where the workspace's data lives; picks the hosts. */
        @WithDefault("us")
        Region region();

        /** Where the Track API is, if not at the region's host. */
        Optional<URI> trackUrl();

        /** Where the App API is, if not at the region's host. */
        Optional<URI> appUrl();

        /** Where the Pipelines API is, if not at the region's host. */
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
         * Whether calls that can be made later are, without being asked to: SDKs cannot set {@code Prefer}, and are
         * answered as the vendor does.
         */
        @WithDefault("false")
        boolean async();

        /** Reasons in a 207 for which an operation is worth another try; for any other it is dead. */
        @WithDefault("rate_limited,throttled,timeout,unavailable,internal,internal_error,server_error")
        Set<String> transientReasons();

        /** Which numbers its limits have, unless they are configured. */
        @WithDefault("observed")
        Plan plan();

        /** Limits that differ from the plan's. */
        Map<String, LimitConfig> limits();
    }

    /** Where the numbers of limits come from. */
    enum Plan {
        /** What guides and reviews agree on. */
        OBSERVED,
        /** What Customer.io's documents of 2026 say, which "is not strictly enforced". */
        DOCUMENTED_2026
    }

    /** Where a workspace's data lives. */
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
