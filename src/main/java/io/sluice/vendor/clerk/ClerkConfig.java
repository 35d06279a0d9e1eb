package io.sluice.vendor.clerk;

import io.quarkus.runtime.configuration.MemorySize;
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

/** {@code sluice.clerk.*}: the company's Clerk instances. */
@ConfigMapping(prefix = "sluice.clerk")
public interface ClerkConfig {
    /** The instances, by the name that stands in the mount: {@code /clerk@NAME/...}. */
    Map<String, Account> accounts();

    /** What is different for single operations, by name. */
    Map<String, OperationConfig> operations();

    /** What is kept of Clerk's answers. */
    Cache cache();

    /** How all users are listed, and many looked up. */
    Listing listing();

    /** How all users are listed, and many looked up. */
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

    /** How long answers are kept. */
    interface Cache {
        /** Users, organizations and counts; nothing for not at all. */
        @WithDefault("60s")
        Duration ttl();

        /** That there is no such user or organization. */
        @WithDefault("5s")
        Duration missingTtl();

        /** Operations that differ, by name. */
        Map<String, OperationCache> operations();
    }

    /** How long one operation's answers are kept. */
    interface OperationCache {
        /** Nothing for not at all. */
        Duration ttl();
    }

    /** One Clerk instance. */
    interface Account {
        /** Where its Backend API is. */
        @WithDefault("https://api.clerk.com")
        URI url();

        /** The instance's secret key; its prefix tells whether it is a production or a development instance. */
        String secretKey();

        /** Which numbers its limits have. */
        @WithDefault("documented")
        Plan plan();

        /** The secrets that webhooks may be signed with; two while one is replaced by the other. */
        Optional<List<String>> webhookSecret();

        /** Whether reads of single users that have to wait are made together, as one list. */
        @WithDefault("true")
        boolean batching();

        /** Limits that differ from the plan's. */
        Map<String, LimitConfig> limits();
    }

    /** Where the numbers of an instance's limits come from. */
    enum Plan {
        /** Clerk's system limits page: by the secret key's prefix. */
        DOCUMENTED,
        /** The numbers that guides give for free instances. */
        FREE,
        /** The numbers that guides give for paid instances. */
        PRO
    }
}
