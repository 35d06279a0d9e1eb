package io.sluice.gateway;

import io.sluice.budget.Budget;
import io.sluice.budget.window.Limit;
import io.sluice.cache.CacheStatus;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.SluiceHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The response headers about a call: {@code Server-Timing}, the number of attempts, and the budget that is left. */
final class CallHeaders {
    private CallHeaders() {}

    static void describe(MultivaluedMap<String, Object> headers, Reply.Served served, Budget budget) {
        Call call = served.made();
        headers.putSingle(CacheStatus.HEADER, served.status().text());
        headers.add(
                "Server-Timing",
                String.format(
                        Locale.ROOT,
                        "queue;dur=%.1f, vendor;dur=%.1f",
                        milliseconds(call.times().queued()),
                        milliseconds(call.times().vendor())));
        headers.putSingle(SluiceHeaders.ATTEMPTS, call.attempts().count());
        if (served.status().spared()) {
            // It counted against no limit.
            return;
        }
        Set<String> limits = call.operation().uses().stream()
                .filter(use -> use.per().isEmpty())
                .map(Operation.Use::limit)
                .collect(Collectors.toSet());
        call.accountState().or(() -> budget.state(call.account().budget())).ifPresent(state -> {
            for (Budget.LimitState limit : state.limits()) {
                if (limits.contains(limit.limit().name()) && limit.limit() instanceof Limit.Rate rate) {
                    headers.add(
                            "RateLimit-Policy",
                            "\"" + rate.name() + "\";q=" + rate.permits() + ";w="
                                    + Math.max(1, rate.window().toSeconds()));
                    headers.add("RateLimit", "\"" + rate.name() + "\";r=" + limit.remaining());
                }
            }
        });
    }

    private static double milliseconds(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
