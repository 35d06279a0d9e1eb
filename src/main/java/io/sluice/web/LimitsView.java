package io.sluice.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Budget.QueueState;
import io.sluice.budget.ThrottleCause;
import io.sluice.budget.window.Limit;
import io.sluice.gateway.CircuitBreakers;
import io.sluice.operator.Attribution;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One account's limits and queues, as the API shows them.
 *
 * @param pause who paused it, when, why and until when; absent unless an admin did
 * @param durable false while an admin's change is in force in this process only, since the database is away; absent
 *     otherwise
 * @param shadow whether calls pass whatever the budget decides
 * @param credentialRefused whether the vendor refuses the account's credential, as far as calls have shown
 * @param closedUntil until when no call is sent at all; absent while the account is open
 * @param throttled how often the vendor refused calls for their rate
 * @param held how many calls passed in shadow that would have waited or been refused
 * @param openCircuits the circuit breakers that keep calls from the vendor, since it fails
 * @param spreadMs the jitter of the latency to the vendor, which pacing allows for
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "AccountLimits")
public record LimitsView(
        String vendor,
        String account,
        boolean paused,
        @Nullable SettingView pause,
        @Nullable Boolean durable,
        boolean shadow,
        boolean credentialRefused,
        @Nullable Instant closedUntil,
        Throttled throttled,
        long held,
        double spreadMs,
        List<LimitView> limits,
        List<ClosedOperation> closedOperations,
        List<OpenCircuit> openCircuits,
        List<QueueStats> queue) {

    /** All accounts. */
    @Schema(name = "Limits")
    public record Accounts(List<LimitsView> accounts) {}

    /**
     * The throttled requests of an account, by cause.
     *
     * @param avoidable those that Sluice's own calls alone explain
     * @param foreign those while the vendor's headers show foreign use of the account
     * @param undocumented those that nothing known explains: a limit that no sheet names, or one that has changed
     * @param probe those of probes of a closed scope
     */
    public record Throttled(long total, long avoidable, long foreign, long undocumented, long probe) {
        static Throttled of(AccountState state) {
            return new Throttled(
                    state.throttledInAll(),
                    state.throttled(ThrottleCause.AVOIDABLE),
                    state.throttled(ThrottleCause.FOREIGN),
                    state.throttled(ThrottleCause.UNDOCUMENTED),
                    state.throttled(ThrottleCause.PROBE));
        }
    }

    /**
     * One limit.
     *
     * @param kind {@code rate} or {@code in_flight}
     * @param permits how many calls a window takes now
     * @param burst how many calls an idle limit takes at once, where that is declared
     * @param bursts {@code allowed} if calls on an idle limit go at once; {@code stopped} if they would, but the vendor
     *     refused two bursts within a day; absent if they never do
     * @param counters how many counters are alive; 1 unless there is one for each user, for instance
     * @param used calls that still count, of the fullest counter
     * @param low whether less than a tenth of a window is left
     * @param foreign how many permits foreign use seems to take
     * @param change who changed it at run time, when, why and until when; absent while it is as configured
     * @param marginMs the safety margin: the time added to the window after unexplained refusals
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "Limit")
    public record LimitView(
            String limit,

            @Schema(enumeration = {"rate", "in_flight"}) String kind,
            long permits,
            @Nullable Long windowMs,
            @Nullable String limiter,
            @Nullable Integer burst,
            @Nullable String bursts,
            int counters,
            long used,
            long remaining,
            boolean low,
            long foreign,
            long marginMs,
            @Nullable Instant closedUntil,
            @Nullable SettingView change) {}

    /** An operation that the vendor has closed. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ClosedOperation(
            String operation, @Nullable Instant closedUntil) {}

    /**
     * A circuit breaker that is open.
     *
     * @param team the team whose calls it stops; absent if it stops those of all teams
     * @param openUntil when it lets the next call through to try the vendor; absent if it does now
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "OpenCircuit")
    public record OpenCircuit(
            String operation,
            @Nullable String team,
            @Nullable Instant openUntil) {}

    /** One team's queue for the account. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "Queue")
    public record QueueStats(String team, int pending, int inFlight, boolean paused, long oldestWaitMs, long served) {}

    /**
     * The settings that admins have made of an account.
     *
     * @param pause the author of its pause; null if no setting pauses it
     * @param changes those of changed limits, by limit
     * @param durable whether all are stored
     */
    record Settings(@Nullable Attribution pause, Map<String, Attribution> changes, boolean durable) {
        static final Settings NONE = new Settings(null, Map.of(), true);
    }

    static LimitsView of(
            AccountState state,
            boolean credentialRefused,
            List<CircuitBreakers.OpenCircuit> openCircuits,
            Settings settings,
            Instant now) {
        AccountId id = AccountId.parse(state.account());
        return new LimitsView(
                id.vendor(),
                id.account(),
                state.paused(),
                SettingView.of(settings.pause()),
                settings.durable() ? null : Boolean.FALSE,
                state.shadow(),
                credentialRefused,
                until(now, state.closedFor()),
                Throttled.of(state),
                state.wouldHaveWaited(),
                state.jitter().toNanos() / 1e6,
                state.limits().stream()
                        .map(limit -> limit(
                                limit, settings.changes().get(limit.limit().name()), now))
                        .toList(),
                state.closed().stream()
                        .map(closed -> new ClosedOperation(closed.operation(), until(now, closed.closedFor())))
                        .toList(),
                openCircuits.stream()
                        .filter(open -> open.account().equals(id))
                        .map(open -> new OpenCircuit(open.operation(), open.team(), until(now, open.left())))
                        .toList(),
                state.queues().stream()
                        .map(queue -> queue(queue, state.paused()))
                        .toList());
    }

    private static LimitView limit(LimitState state, @Nullable Attribution change, Instant now) {
        Limit.@Nullable Rate rate = state.limit() instanceof Limit.Rate windowed ? windowed : null;
        return new LimitView(
                state.limit().name(),
                rate == null ? "in_flight" : "rate",
                state.permits(),
                rate == null ? null : rate.window().toMillis(),
                rate == null ? null : rate.limiter().name().toLowerCase(Locale.ROOT),
                rate == null || rate.burst() == Limit.Rate.NO_BURST ? null : (Integer) rate.burst(),
                state.bursting() == Budget.BurstState.NEVER
                        ? null
                        : state.bursting().name().toLowerCase(Locale.ROOT),
                state.counters(),
                state.used(),
                state.remaining(),
                state.low(),
                state.foreign(),
                state.margin().toMillis(),
                until(now, state.closedFor()),
                SettingView.of(change));
    }

    private static QueueStats queue(QueueState state, boolean paused) {
        return new QueueStats(
                state.team(),
                state.pending(),
                state.inFlight(),
                paused,
                state.oldestWait().toMillis(),
                state.served());
    }

    private static @Nullable Instant until(Instant now, Duration closedFor) {
        return closedFor.isPositive() ? now.plus(closedFor) : null;
    }
}
