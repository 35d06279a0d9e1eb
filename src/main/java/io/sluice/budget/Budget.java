package io.sluice.budget;

import io.sluice.budget.window.Limit;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The permits of all accounts: their limits, and fair queues of the requests that wait. Thread-safe. */
public interface Budget {
    /** Defines an account with its limits. Throws {@link IllegalArgumentException} if it is defined already. */
    void define(String account, Collection<Limit> limits);

    /**
     * Queues a request, or decides it at once. Never waits.
     *
     * @param decided gets the decision exactly once unless the ticket is cancelled first; possibly before this
     *     method returns, otherwise on the thread whose action decided it, so it must be quick; {@link PermitWait}
     *     waits for it
     * @throws IllegalArgumentException if the account or one of the limits is not defined
     */
    Ticket enqueue(PermitRequest request, Consumer<Decision> decided);

    /**
     * Pauses an account: every call that counts against a limit waits until it is resumed. Calls in flight are
     * not affected.
     */
    void pause(String account);

    /** Ends a pause. Does nothing when there is none. */
    void resume(String account);

    /**
     * Replaces the limit of the same name and kind. Permits that were taken stay counted.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void change(String account, Limit limit);

    /**
     * Returns a limit that was changed to the one that the account was defined with. Permits that were taken stay
     * counted. Does nothing if it was not changed.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void restore(String account, String limit);

    /**
     * Corrects a limit's count by hand: all its counters drop ended calls, permits counted for a crash, readings of the
     * vendor's headers and margins, and reopen. Calls in flight stay counted; an account or an operation that the
     * vendor closed stays closed. If the vendor's own count is higher, it may refuse calls.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void reset(String account, String limit);

    /**
     * Sets how many permits of a {@link Limit.Concurrency} are taken by work that goes on without a call in flight.
     * Replaces the number set before.
     *
     * @param foreign how many of them are taken by others; shown as foreign use
     * @throws IllegalArgumentException if the account has no such limit
     */
    void setExternalUse(String account, String limit, int permits, int foreign);

    /**
     * Begins an inquiry: the vendor is about to be asked for the state of a limit. Permits that are in flight now,
     * or sent before the response is taken over, count on top of that response, since the vendor may not have
     * counted them.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    Inquiry inquire(String account, String limit);

    /**
     * Takes over the vendor's response to an inquiry as the true state of a limit that the whole account shares,
     * whether it leaves more or less than was counted here. Its count beyond our own use is foreign, until the next
     * response or for one window; what it counts less, such as a job that was cancelled, is dropped. A response that a
     * later inquiry's has overtaken changes nothing. Survives a restart.
     *
     * <p>Of a {@link Limit.Concurrency} only the permits are taken over: how many are taken is set by
     * {@link #setExternalUse}.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void report(Inquiry inquiry, Report report);

    /**
     * Switches shadow mode: the account decides and counts as always, but every call passes at once. It serves to try
     * limits on live traffic before they hold any call back. Calls that wait are released when it is switched on.
     */
    void shadow(String account, boolean on);

    /**
     * Allows bursts of a limit again that were stopped, since the vendor refused two within a day: as large as the part
     * that went through. Does nothing if they were not stopped.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void resumeBursts(String account, String limit);

    /**
     * Sets whether only one team may use the account. Then no other team has to wait for what its interactive calls
     * take at once, so they may take all that is safe; its bulk calls leave something for them. At first, any team may.
     */
    void unshared(String account, boolean only);

    /** Returns the present state of an account's limits and queues; empty if the account is not defined. */
    Optional<AccountState> state(String account);

    /** Returns the state of all accounts, by name. */
    List<AccountState> states();

    /** Denies all requests that wait and all that come, for good: the process is about to stop. */
    void drain();

    /**
     * The moment at which a vendor is asked for the state of a limit. Made by {@link #inquire}.
     *
     * @param number larger than those of earlier inquiries into the same limit
     * @param settled how many permits of ours had been settled by then, which the response therefore counts
     */
    record Inquiry(String account, String limit, long number, long settled) {}

    /**
     * A vendor's response about the state of a limit.
     *
     * @param permits how many calls it allows; empty if it does not state that
     * @param remaining how many of them are left
     * @param mayRaise true if a number larger than the defined one is followed too, because that one is only a guess;
     *     no longer once the limit was changed at run time
     */
    record Report(OptionalInt permits, long remaining, boolean mayRaise) {
        public Report {
            if (permits.isPresent() && permits.getAsInt() < 1) {
                throw new IllegalArgumentException("a limit has at least 1 permit, not " + permits.getAsInt());
            }
            if (remaining < 0) {
                throw new IllegalArgumentException("remaining must not be negative: " + remaining);
            }
        }
    }

    /**
     * The state of an account at one moment.
     *
     * @param shadow whether calls pass whatever is decided
     * @param throttled how many attempts the vendor refused for their rate, by cause; each cause is there
     * @param wouldHaveWaited how many calls passed in shadow that would have waited or been refused
     * @param jitter J: how much the latencies of calls vary
     * @param closedFor how long until the account as a whole reopens, zero when it is open
     */
    record AccountState(
            String account,
            boolean paused,
            boolean shadow,
            Map<ThrottleCause, Long> throttled,
            long wouldHaveWaited,
            Duration jitter,
            Duration closedFor,
            List<LimitState> limits,
            List<ClosedOperation> closed,
            List<QueueState> queues) {
        public AccountState {
            throttled = Map.copyOf(throttled);
        }

        /** Returns how many attempts the vendor refused for that cause. */
        public long throttled(ThrottleCause cause) {
            return throttled.getOrDefault(cause, 0L);
        }

        /** Returns how many attempts the vendor refused for their rate, whatever the cause. */
        public long throttledInAll() {
            return throttled.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * The state of a limit at one moment. Limits per variable are summed up: {@code used} and {@code remaining} are
     * those of the fullest counter, and the rest is that of the counter most held back.
     *
     * @param counters how many counters are alive; 1 unless the limit is one per variable
     * @param permits how many calls a window takes now: fewer than the limit's own when the vendor's headers lower it,
     *     or as many as the vendor reported
     * @param foreign how many of them foreign use seems to take
     * @param margin what is added to the window since the vendor refused calls that should have been safe
     * @param closedFor how long until it reopens, zero when it is open
     * @param bursting whether calls on it go at once while it is idle
     */
    record LimitState(
            Limit limit,
            int counters,
            long permits,
            long used,
            long remaining,
            long foreign,
            Duration margin,
            Duration closedFor,
            BurstState bursting) {
        private static final int TENTH = 10;

        /** Returns true if less than a tenth of a window is left. Of fewer than ten, a tenth is not worth a warning. */
        public boolean low() {
            return limit instanceof Limit.Rate && permits >= TENTH && remaining * TENTH < permits;
        }
    }

    /** The state of bursts: whether calls on an idle limit go at once. */
    enum BurstState {
        /** They are paced evenly, or have no rate. */
        NEVER,
        ALLOWED,
        /** They would, but the vendor refused two bursts within a day. */
        STOPPED
    }

    /** An operation that a throttled response closed. */
    record ClosedOperation(String operation, Duration closedFor) {}

    /** One team's calls for one account. */
    record QueueState(String team, int pending, int inFlight, Duration oldestWait, long served) {}
}
