package io.sluice.saas.clari;

import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.Budget.Inquiry;
import io.sluice.budget.Budget.Report;
import io.sluice.budget.Ticker;
import io.sluice.export.job.ExportsConfig;
import io.sluice.saas.LimitConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The limits of an organization as Clari reports them at {@code /admin/limits}, passed on to the budget, which takes
 * them for the truth (ADR 40): the quota of exports, and the number of exports at once. A number in the configuration
 * is a bound; the defaults are guesses, and give way to larger numbers too. Thread-safe.
 */
@ApplicationScoped
public class ReportedLimits {

    /** The team to charge for an inquiry if no export was requested since the start. */
    private static final String NO_TEAM = "sluice";

    private final Budget budget;
    private final ClariConfig config;
    private final ExportsConfig exports;
    private final Ticker ticker;
    private final Map<String, LastInquiry> inquiries = new ConcurrentHashMap<>(); // by account

    ReportedLimits(Budget budget, ClariConfig config, ExportsConfig exports, Ticker ticker) {
        this.budget = budget;
        this.config = config;
        this.exports = exports;
        this.ticker = ticker;
    }

    /** The latest inquiry: its time, and the team that was charged for it. */
    private record LastInquiry(String team, long at) {}

    /** Begins an inquiry that is charged to no team. */
    Inquiry inquire(String account) {
        return budget.inquire(budgetName(account), ClariLimits.EXPORT_QUOTA);
    }

    /** Begins an inquiry that is charged to a team. */
    Inquiry inquire(String account, String team) {
        inquiries.put(account, new LastInquiry(team, ticker.read()));
        return inquire(account);
    }

    /** Passes on the quota as Clari has answered an inquiry. */
    void report(String account, Inquiry inquiry, AdminLimits.LimitsReport report) {
        OptionalInt quota = report.quota() >= 1 ? OptionalInt.of(report.quota()) : OptionalInt.empty();
        budget.report(
                inquiry,
                new Report(quota, Math.max(0, report.quotaLeft()), !isBound(account, ClariLimits.EXPORT_QUOTA)));
    }

    /** Passes on how many exports Clari allows at once. */
    void reportSlots(String account, int slots) {
        budget.report(
                budget.inquire(budgetName(account), ClariLimits.EXPORT_JOBS),
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

    /** True while the quota has no unit left. */
    boolean isUsedUp(String account) {
        return limit(account, ClariLimits.EXPORT_QUOTA).remaining() < 1;
    }

    private static String budgetName(String account) {
        return new AccountId(ClariSurface.NAME, account).toString();
    }

    private Budget.LimitState limit(String account, String name) {
        return budget.state(budgetName(account)).orElseThrow().limits().stream()
                .filter(limit -> limit.limit().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The team to charge for asking if a unit of a used up quota has returned; empty if no inquiry is due. */
    Optional<String> teamToCharge(String account) {
        LastInquiry last = inquiries.get(account);
        boolean due =
                last == null || ticker.read() - last.at() >= exports.slotPoll().toNanos();
        return due && isUsedUp(account) ? Optional.of(last == null ? NO_TEAM : last.team()) : Optional.empty();
    }
}
