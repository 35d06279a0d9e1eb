package io.sluice.gateway;

import io.sluice.budget.Budget;
import io.sluice.budget.window.Limit;
import io.sluice.cache.CacheStatus;
import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.call.SluiceHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The response headers about a call: {@code Server-Timing}, the number of attempts, and the budget that is left. */
final class CallHeaders {
    private static final String TIMES = "queue;dur=%.1f, vendor;dur=%.1f";
    private static final String NO_TIMES = String.format(Locale.ROOT, TIMES, 0.0, 0.0);

    private CallHeaders() {}

    /** @param request the request that is replied to */
    static void describe(
            MultivaluedMap<String, Object> headers, Reply.Served served, CallRequest request, Budget budget) {
        Call made = served.made();
        headers.putSingle(CacheStatus.HEADER, served.status().text());
        headers.add("Server-Timing", made == null ? NO_TIMES : timing(made));
        headers.putSingle(
                SluiceHeaders.ATTEMPTS, made == null ? 0 : made.attempts().count());
        if (served.status().spared()) {
            // It counted against no limit.
            return;
        }
        Set<String> limits = request.operation().uses().stream()
                .filter(use -> use.per().isEmpty())
                .map(Operation.Use::limit)
                .collect(Collectors.toSet());
        Optional<Budget.AccountState> after = made == null ? Optional.empty() : made.accountState();
        after.or(() -> budget.state(request.account().budget())).ifPresent(state -> {
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

    private static String timing(Call call) {
        return String.format(
                Locale.ROOT,
                TIMES,
                milliseconds(call.times().queued()),
                milliseconds(call.times().vendor()));
    }

    private static double milliseconds(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
