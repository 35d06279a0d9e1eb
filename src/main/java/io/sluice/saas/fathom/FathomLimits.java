package io.sluice.saas.fathom;

import io.sluice.budget.window.Limit;
import java.time.Duration;
import java.util.List;

/** Fathom's default limits (API overview), unless the configuration overrides them. */
final class FathomLimits {
    static final String ACCOUNT = "account";
    static final String HEAVY = "heavy";
    static final String DOWNLOAD = "download";

    private static final Duration MINUTE = Duration.ofSeconds(60);

    /**
     * So many in 60 s, with a reset in the headers, and {@code Retry-After} on a 429. In times of high activity Fathom
     * lowers the latter two to 5, which shows in its headers.
     */
    static final List<Limit> DEFAULTS = List.of(
            Limit.Rate.window(ACCOUNT, 60, MINUTE),
            Limit.Rate.window(HEAVY, 30, MINUTE),
            Limit.Rate.window(DOWNLOAD, 30, MINUTE));

    private FathomLimits() {}
}
