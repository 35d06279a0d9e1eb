package io.sluice.saas.customerio;

import io.sluice.budget.window.Limit;
import java.time.Duration;
import java.util.List;

/**
 * Customer.io's default limits, unless the configuration overrides them. Paced evenly, since it sends no headers and
 * may silently drop calls beyond a limit.
 */
public final class CustomerioLimits {
    static final String WORKSPACE = "workspace";
    static final String IDENTIFY = "identify";
    static final String TRACK = "track";
    static final String PAGE = "page";
    static final String BATCH = "batch";
    static final String EMAIL = "email";
    static final String PUSH = "push";
    static final String QUERY = "query";
    static final String BROADCAST = "broadcast";
    public static final String BROADCAST_QUEUE = "broadcast-queue";
    static final String PIPELINES = "pipelines";

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final Duration INGRESS_WINDOW = Duration.ofSeconds(3);

    /** Customer.io's Track and Pipelines documents of 2026: a soft limit, over all kinds of calls. */
    private static final Limit INGRESS = Limit.Rate.of(WORKSPACE, 3000, INGRESS_WINDOW);

    /**
     * Guides and reviews: 100 a second of each kind of write, 10 a second for queries. Customer.io's own documents: one
     * broadcast in 10 s, of which five may wait to be processed, and 3000 Pipelines calls in 3 s.
     */
    private static final List<Limit> OBSERVED = List.of(
            INGRESS,
            Limit.Rate.of(IDENTIFY, 100, SECOND),
            Limit.Rate.of(TRACK, 100, SECOND),
            Limit.Rate.of(PAGE, 100, SECOND),
            Limit.Rate.of(BATCH, 100, SECOND),
            Limit.Rate.of(EMAIL, 100, SECOND),
            Limit.Rate.of(PUSH, 100, SECOND),
            Limit.Rate.of(QUERY, 10, SECOND),
            Limit.Rate.of(BROADCAST, 1, Duration.ofSeconds(10)),
            new Limit.Concurrency(BROADCAST_QUEUE, 5),
            Limit.Rate.of(PIPELINES, 1000, SECOND));

    /** The limits of a plan. */
    static List<Limit> of(CustomerioConfig.Plan plan) {
        return switch (plan) {
            case OBSERVED -> OBSERVED;
            case DOCUMENTED_2026 ->
                OBSERVED.stream().map(CustomerioLimits::documented).toList();
        };
    }

    private static Limit documented(Limit usual) {
        return switch (usual.name()) {
            case IDENTIFY, TRACK, PAGE, BATCH, PIPELINES -> Limit.Rate.of(usual.name(), 3000, INGRESS_WINDOW);
            default -> usual;
        };
    }

    private CustomerioLimits() {}
}
