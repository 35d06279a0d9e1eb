package io.sluice.sandbox.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.sluice.sandbox.limits.LimiterKind;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The configuration of the sandbox: the simulated vendors' credentials, limits, times and bounds. The profile
 * {@code sandbox} switches them on.
 *
 * <p>Numbers marked [sheet] are the vendor's, from the fact sheet of that vendor; the others are ours.
 */
@ConfigMapping(prefix = "sluice.sandbox")
public interface SandboxConfig {
    /** True if the routes under {@code /sandbox} exist at all. Off: they require no authentication. */
    @WithDefault("false")
    boolean enabled();

    /** The largest request body that is kept in memory, from 1K to 1G; Customer.io's largest call is 25 MB [sheet]. */
    @WithDefault("26M")
    MemorySize maxBody();

    /**
     * The most records in each store: users, people, events, mails, jobs. A full store answers 507 and evicts nothing.
     */
    @WithDefault("200000")
    @Min(1)
    int maxRecords();

    /** How many of each vendor's last requests {@code GET /sandbox/requests} shows. */
    @WithDefault("200")
    @Min(1)
    @Max(10_000)
    int keptRequests();

    /** How long a hanging request is held before its connection is closed. */
    @WithDefault("10m")
    Duration maxHang();

    /** Changes to the limits' defaults: vendor, then limit. */
    Map<String, Map<String, LimitChange>> limits();

    Clari clari();

    Clerk clerk();

    Customerio customerio();

    Fathom fathom();

    /** The changes of one limit against its default. */
    interface LimitChange {
        Optional<LimiterKind> limiter();

        OptionalInt permits();

        Optional<Duration> window();

        /** Depth of a bucket; the permits unless set. */
        OptionalInt burst();

        /** Shift of a fixed window from the epoch. */
        Optional<Duration> phase();
    }

    /** The network latency that every vendor has. */
    interface Network {
        /** Network latency of a round trip, half of it each way. */
        @WithDefault("0ms")
        Duration latency();

        /** Up to this much more latency on the way there, evenly spread. */
        @WithDefault("0ms")
        Duration jitter();
    }

    /** The Revenue API. */
    interface Clari extends Network {
        @WithDefault("sandbox-clari-key")
        String apiKey();

        /** Exports queued or running at once; users are told 3 [sheet]. */
        @WithDefault("3")
        @Min(1)
        int concurrentLimit();

        /** Exports per rolling 30 days [sheet]. */
        @WithDefault("1000")
        @Min(1)
        int monthlyQuota();

        /** How long a job stays SCHEDULED. */
        @WithDefault("1s")
        Duration scheduledFor();

        /** How long a job then stays STARTED. */
        @WithDefault("4s")
        Duration startedFor();

        /** The word for a finished job; older clients accept COMPLETED [sheet]. */
        @WithDefault("DONE")
        String doneState();

        /** True if a job is wrapped in {@code {"job":...}}; both forms are in use [sheet]. */
        @WithDefault("false")
        boolean jobEnvelope();

        /** True if a 429 carries Retry-After; none is declared [sheet]. */
        @WithDefault("false")
        boolean limitHeaders();

        /** Events in the audit log. */
        @WithDefault("250")
        @Max(100_000)
        int auditEvents();
    }

    /** The Backend API. */
    interface Clerk extends Network {
        /** {@code sk_live_} keys belong to production instances with ten times the limit [sheet]. */
        @WithDefault("sk_test_sandbox")
        String secretKey();

        /** Authorises machine tokens. */
        @WithDefault("ak_sandbox_machine")
        String machineSecretKey();

        /** True if responses carry X-RateLimit-Limit, -Remaining and -Reset; documented nowhere [sheet]. */
        @WithDefault("false")
        boolean limitHeaders();

        /** How many users there are at the start. */
        @WithDefault("3")
        @Max(100_000)
        int users();

        /** Users that an instance may have; above it, 403 user_quota_exceeded. */
        @WithDefault("100000")
        int userQuota();
    }

    /** Track, App and Pipelines. */
    interface Customerio extends Network {
        @WithDefault("sandbox-site")
        String siteId();

        @WithDefault("sandbox-track-key")
        String trackApiKey();

        @WithDefault("sandbox-app-key")
        String appApiKey();

        @WithDefault("sandbox-pipelines-key")
        String pipelinesKey();

        /**
         * True if responses carry X-RateLimit-Remaining, X-RateLimit-Reset (epoch) and Retry-After; at the vendor they
         * do not [sheet].
         */
        @WithDefault("false")
        boolean limitHeaders();

        /** True if one bad operation refuses its whole batch with 400; the vendor answers 207 [sheet]. */
        @WithDefault("false")
        boolean batchRefusesWhole();

        /** How long a broadcast trigger waits before it is processed. */
        @WithDefault("30s")
        Duration broadcastFor();

        /** Triggers that may wait [sheet]. */
        @WithDefault("5")
        @Min(1)
        int broadcastQueue();

        /** The region of the workspace. */
        @WithDefault("us")
        String region();

        /** How long an export is pending. */
        @WithDefault("3s")
        Duration exportFor();

        /** How long a download link works [sheet]. */
        @WithDefault("15m")
        Duration linkFor();
    }

    /** The External API. */
    interface Fathom extends Network {
        @WithDefault("sandbox-fathom-key")
        String apiKey();

        /** True if responses carry RateLimit-Limit, -Remaining and -Reset [sheet]. */
        @WithDefault("true")
        boolean limitHeaders();

        /** How many meetings there are at the start. */
        @WithDefault("35")
        @Max(10_000)
        int meetings();

        /** How long the preparation of a recording's download takes. */
        @WithDefault("3s")
        Duration downloadFor();
    }
}
