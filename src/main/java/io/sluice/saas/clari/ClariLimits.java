package io.sluice.saas.clari;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.List;

/** Clari's default limits, unless the configuration overrides them. */
final class ClariLimits {
    static final String API = "api";
    static final String INGEST = "ingest";
    static final String EXPORT_JOBS = "export-jobs";
    static final String EXPORT_QUOTA = "export-quota";

    /** Clari publishes no number; a client in production assumes 10 a second, of which this is half. */
    private static final Limit API_RATE = Limit.Rate.of(API, 5, Duration.ofSeconds(1));

    /** 100 ingest requests a second for one token (OpenAPI 5.0.0). */
    private static final Limit INGEST_RATE = Limit.Rate.of(INGEST, 100, Duration.ofSeconds(1));

    /** The number differs by organization and is not published; one is always allowed. */
    private static final Limit SUBMITS_AT_ONCE = new Limit.Concurrency(EXPORT_JOBS, 1);

    /** Rolling 30 days for the organization; 1000 is the OpenAPI's example and what users are told. */
    private static final Limit QUOTA = new Limit.Rate(EXPORT_QUOTA, 1000, Duration.ofDays(30), Limiter.FIXED, 1000);

    static final List<Limit> DEFAULTS = List.of(API_RATE, INGEST_RATE, SUBMITS_AT_ONCE, QUOTA);

    private ClariLimits() {}
}
