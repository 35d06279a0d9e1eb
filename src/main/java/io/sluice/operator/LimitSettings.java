package io.sluice.operator;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.sluice.AccountId;
import io.sluice.FailureLog;
import io.sluice.Json;
import io.sluice.budget.Budget;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The settings of accounts and their limits: applies pauses and changed limits to the budget while they are in force.
 * Thread-safe.
 *
 * <p>Settings of accounts and limits that are not configured are left alone, since the configuration may bring them
 * back.
 */
@Singleton
public class LimitSettings {
    private static final Logger LOG = Logger.getLogger(LimitSettings.class);
    private static final String CALLS = "calls";
    private static final String PAUSED = "paused";
    private static final String LIMIT = "limit:";

    private final FailureLog failures = new FailureLog(LOG);
    private final OperatorSettings settings;
    private final Budget budget;
    private Map<OperatorSetting.Key, OperatorSetting> applied =
            Map.of(); // used by the listener only, which runs with a lock held

    public LimitSettings(OperatorSettings settings, Budget budget) {
        this.settings = settings;
        this.budget = budget;
    }

    /**
     * A changed limit as it is stored. Readers ignore fields that they do not know.
     *
     * @param window an ISO 8601 duration; null for a limit of calls in flight, as the next two
     * @param burst null if that is not stated
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LimitValue(
            int permits,
            @Nullable String window,
            @Nullable String limiter,
            @Nullable Integer burst) {
        static LimitValue of(Limit limit) {
            return switch (limit) {
                case Limit.Concurrency flights -> new LimitValue(flights.permits(), null, null, null);
                case Limit.Rate rate ->
                    new LimitValue(
                            rate.permits(),
                            rate.window().toString(),
                            rate.limiter().name().toLowerCase(Locale.ROOT),
                            rate.burst() == Limit.Rate.NO_BURST ? null : (Integer) rate.burst());
            };
        }

        /**
         * Returns a limit with these numbers. A limiter of a newer version counts as unknown, the one that is paced
         * most carefully.
         *
         * @throws IllegalArgumentException if they are invalid
         */
        Limit applied(Limit current) {
            return switch (current) {
                case Limit.Concurrency flights -> new Limit.Concurrency(flights.name(), permits);
                case Limit.Rate rate -> {
                    Limiter known = Stream.of(Limiter.values())
                            .filter(each -> each.name().equalsIgnoreCase(limiter))
                            .findFirst()
                            .orElse(Limiter.UNKNOWN);
                    int bursts = burst == null || known == Limiter.UNKNOWN ? Limit.Rate.NO_BURST : burst;
                    yield rate.changed(
                            permits,
                            window == null ? rate.window() : Duration.parse(window),
                            known,
                            OptionalInt.of(bursts));
                }
            };
        }
    }

    void start(@Observes @Priority(2) StartupEvent starting) {
        start();
    }

    /** Applies the settings that are in force, and those to come, without a container. */
    public void start() {
        settings.listen(this::apply);
    }

    /**
     * Pauses an account: at once in this process, as {@link OperatorSettings#put} says, and in all others at their next
     * poll.
     *
     * @return true if the pause is stored
     */
    public boolean pause(AccountId account, Attribution attribution) {
        return settings.put(new OperatorSetting(calls(account), PAUSED, attribution));
    }

    /** Ends a pause likewise. */
    public boolean resume(AccountId account) {
        return settings.remove(calls(account));
    }

    /** Changes a limit likewise. */
    public boolean change(AccountId account, Limit limit, Attribution attribution) {
        return settings.put(
                new OperatorSetting(limit(account, limit.name()), written(LimitValue.of(limit)), attribution));
    }

    /** Returns a limit to its configuration likewise. */
    public boolean restore(AccountId account, String limit) {
        return settings.remove(limit(account, limit));
    }

    /** Returns the author of an account's pause; empty if no setting pauses it. Never waits, as the next two. */
    public Optional<Attribution> pause(AccountId account) {
        return settings.get(calls(account)).map(OperatorSetting::attribution);
    }

    /** Returns the author of a limit's change; empty if no setting changes it. */
    public Optional<Attribution> change(AccountId account, String limit) {
        return settings.get(limit(account, limit)).map(OperatorSetting::attribution);
    }

    /** Returns false while a change of the account is in force in this process only. */
    public boolean isDurable(AccountId account) {
        return settings.isDurable(account);
    }

    private void apply(Map<OperatorSetting.Key, OperatorSetting> inForce) {
        Map<OperatorSetting.Key, OperatorSetting> before = applied;
        applied = inForce;
        inForce.forEach((key, setting) -> {
            if (!setting.equals(before.get(key))) {
                apply(setting);
            }
        });
        before.keySet().stream().filter(key -> !inForce.containsKey(key)).forEach(this::undo);
    }

    private void apply(OperatorSetting setting) {
        OperatorSetting.Key key = setting.key();
        String account = key.account().toString();
        if (budget.state(account).isEmpty()) {
            LOG.debugf("operator setting of an account that is not configured: %s", key);
        } else if (key.setting().equals(CALLS)) {
            // A value of a newer version is a pause too: an operator has restricted the account.
            budget.pause(account);
        } else if (key.setting().startsWith(LIMIT)) {
            limit(key).ifPresent(current -> change(setting, account, current));
        }
    }

    private void change(OperatorSetting setting, String account, Limit current) {
        String name = "operator's change of limit " + account + " " + current.name();
        try {
            budget.change(
                    account,
                    Json.STORED.readValue(setting.value(), LimitValue.class).applied(current));
            failures.succeeded(name);
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeParseException e) {
            failures.failed(name, () -> "the configured limit holds: " + e.getMessage());
        }
    }

    private void undo(OperatorSetting.Key key) {
        String account = key.account().toString();
        if (budget.state(account).isEmpty()) {
            return;
        }
        if (key.setting().equals(CALLS)) {
            budget.resume(account);
        } else if (key.setting().startsWith(LIMIT)) {
            limit(key).ifPresent(limit -> budget.restore(account, limit.name()));
        }
    }

    private Optional<Limit> limit(OperatorSetting.Key key) {
        return budget.state(key.account().toString()).stream()
                .flatMap(state -> state.limits().stream())
                .map(LimitState::limit)
                .filter(limit -> key.setting().equals(LIMIT + limit.name()))
                .findFirst();
    }

    private String written(LimitValue value) {
        try {
            return Json.STORED.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OperatorSetting.Key calls(AccountId account) {
        return new OperatorSetting.Key(account, CALLS);
    }

    private static OperatorSetting.Key limit(AccountId account, String limit) {
        return new OperatorSetting.Key(account, LIMIT + limit);
    }
}
