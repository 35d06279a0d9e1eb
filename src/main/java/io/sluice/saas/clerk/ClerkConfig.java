package io.sluice.saas.clerk;

import io.quarkus.runtime.configuration.MemorySize;
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

/** The configuration of Clerk, {@code sluice.clerk.*}: the company's Clerk instances. */
@ConfigMapping(prefix = "sluice.clerk")
public interface ClerkConfig {
    /** The instances, by the name that stands in the mount: {@code /clerk@NAME/...}. */
    Map<String, Account> accounts();

    /** The configuration of single operations, by name. */
    Map<String, OperationConfig> operations();

    /** The caching of Clerk's responses. */
    Cache cache();

    /** The listing of all users, and the lookup of many. */
    Listing listing();

    /** The listing of all users, and the lookup of many. */
    interface Listing {
        /** Users in a page; Clerk gives 500 at most. */
        @WithDefault("500")
        @Min(1)
        @Max(500)
        int pageSize();

        /** How long each page waits for a permit. */
        @WithDefault("5m")
        Duration permitTimeout();

        /** The largest page or list that is read into memory; from 1K to 1G. */
        @WithDefault("32M")
        MemorySize maxPageBytes();
    }

    /** How long responses are cached. */
    interface Cache {
        /** How long users, organizations and counts are cached; zero for not at all. */
        @WithDefault("60s")
        Duration ttl();

        /** How long it is cached that a user or organization does not exist. */
        @WithDefault("5s")
        Duration missingTtl();

        /** Operations that differ, by name. */
        Map<String, OperationCache> operations();
    }

    /** How long one operation's responses are cached. */
    interface OperationCache {
        /** The time to live; zero for not at all. */
        Duration ttl();
    }

    /** One Clerk instance. */
    interface Account {
        /** The URL of its Backend API. */
        @WithDefault("https://api.clerk.com")
        URI url();

        /** The instance's secret key; its prefix shows if it is a production or a development instance. */
        String secretKey();

        /** The plan that the default limits are taken from. */
        @WithDefault("documented")
        Plan plan();

        /** The secrets that webhooks may be signed with; two while one is replaced by the other. */
        Optional<List<String>> webhookSecret();

        /** True if reads of single users that have to wait are batched into one list. */
        @WithDefault("true")
        boolean batching();

        /** Limits that differ from the plan's. */
        Map<String, LimitConfig> limits();
    }

    /** The source of the numbers of an instance's limits. */
    enum Plan {
        /** Clerk's system limits page: by the secret key's prefix. */
        DOCUMENTED,
        /** The numbers that guides give for free instances. */
        FREE,
        /** The numbers that guides give for paid instances. */
        PRO
    }
}
