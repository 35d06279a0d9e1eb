package io.sluice.vendor.clari;

import io.sluice.budget.Budget;
import io.sluice.budget.Budget.Inquiry;
import io.sluice.budget.Budget.Report;
import io.sluice.budget.Ticker;
import io.sluice.export.ExportsConfig;
import io.sluice.vendor.LimitConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An organization's limits as Clari reports them at {@code /admin/limits}, which the budget takes for the truth: the quota
 * of exports, of which others use a part, and how many exports there may be at once. A number in the configuration is a
 * bound; the defaults are guesses, and give way to larger numbers too. Thread-safe.
 */
@ApplicationScoped
public class ReportedLimits {
    private static final String BUDGET = "clari/";

    /** Pays for looking whether a used up quota has returned, where no team has ordered since the start. */
    private static final String NO_TEAM = "sluice";

    private final Budget budget;
    private final ClariConfig config;
    private final ExportsConfig exports;
    private final Ticker ticker;
    private final Map<String, Asked> asked = new ConcurrentHashMap<>(); // by account

    ReportedLimits(Budget budget, ClariConfig config, ExportsConfig exports, Ticker ticker) {
        this.budget = budget;
        this.config = config;
        this.exports = exports;
        this.ticker = ticker;
    }

    /** When Clari was asked last, and on behalf of which team. */
    private record Asked(String team, long at) {}

    /** Begins an inquiry, on behalf of a team. */
    Inquiry inquire(String account, String team) {
        asked.put(account, new Asked(team, ticker.read()));
        return budget.inquire(BUDGET + account, ClariLimits.EXPORT_QUOTA);
    }

    /** Takes over what Clari has answered of its quota. */
    void report(String account, Inquiry inquiry, OrganizationLimits.Said said) {
        OptionalInt quota = said.quota() >= 1 ? OptionalInt.of(said.quota()) : OptionalInt.empty();
        budget.report(
                inquiry, new Report(quota, Math.max(0, said.quotaLeft()), !isBound(account, ClariLimits.EXPORT_QUOTA)));
    }

    /** Takes over how many exports there may be at once. */
    void reportSlots(String account, int slots) {
        budget.report(
                budget.inquire(BUDGET + account, ClariLimits.EXPORT_JOBS),
                new Report(OptionalInt.of(slots), slots, !isBound(account, ClariLimits.EXPORT_JOBS)));
    }

    private boolean isBound(String account, String limit) {
        return Optional.ofNullable(config.accounts().get(account))
                .map(ClariConfig.Account::limits)
                .map(limits -> limits.get(limit))
                .map(LimitConfig::permits)
                .filter(OptionalInt::isPresent)
                .isPresent();
    }

    /** How many exports there may be at once, as far as is known. */
    int slots(String account) {
        return (int) limit(account, ClariLimits.EXPORT_JOBS).permits();
    }

    /** Whether no export may be ordered any more until a unit returns. */
    boolean isUsedUp(String account) {
        return limit(account, ClariLimits.EXPORT_QUOTA).remaining() < 1;
    }

    private Budget.LimitState limit(String account, String name) {
        return budget.state(BUDGET + account).orElseThrow().limits().stream()
                .filter(limit -> limit.limit().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** On behalf of which team to ask whether a unit of a used up quota has returned, if it is time to. */
    Optional<String> watched(String account) {
        Asked last = asked.get(account);
        boolean due = last == null || ticker.read() - last.at() >= exports.refresh().toNanos();
        return due && isUsedUp(account) ? Optional.of(last == null ? NO_TEAM : last.team()) : Optional.empty();
    }
}
