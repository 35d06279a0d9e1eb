package io.sluice.budget;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The limits of all accounts, and who waits for them. Thread-safe. */
public interface Budget {
    /** Makes an account known with its limits. Throws {@link IllegalArgumentException} if it is known already. */
    void define(String account, Collection<Limit> limits);

    /**
     * Puts a request in its queue, or answers it at once. Never waits.
     *
     * @param decided told the decision exactly once unless the ticket is cancelled first; possibly before this method
     *     returns, otherwise on the thread whose action decided it, so it must be quick; {@link PermitWait} waits for it
     * @throws IllegalArgumentException if the account or one of the limits is not defined
     */
    Ticket enqueue(PermitRequest request, Consumer<Decision> decided);

    /**
     * Holds every call of the account back that counts against a limit, until it is resumed. Calls on the wire are not
     * touched.
     */
    void pause(String account);

    /** Ends a pause. Does nothing when there is none. */
    void resume(String account);

    /**
     * Replaces the limit of the same name and kind. What was sent stays counted.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void change(String account, Limit limit);

    /**
     * Corrects a limit's count by hand: all its counters forget ended calls, what was counted for a crash, what the
     * vendor's headers said and margins, and reopen. Calls in flight stay counted; an account or an operation that the
     * vendor closed stays closed. The vendor may know better, and refuse.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void reset(String account, String limit);

    /**
     * Says how many permits of a {@link Limit.Concurrency} are taken by work that goes on without a call in flight. Replaces
     * what was said before.
     *
     * @param foreign how many of them by work of others; shown as foreign use
     * @throws IllegalArgumentException if the account has no such limit
     */
    void setExternalUse(String account, String limit, int permits, int foreign);

    /**
     * Begins an inquiry: the vendor is about to be asked how a limit stands. What is in flight now, or is sent before the
     * answer is taken over, counts on top of that answer, since the vendor may not have counted it.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    Inquiry inquire(String account, String limit);

    /**
     * Takes the vendor's answer to an inquiry for the truth about a limit that the whole account shares, whether it leaves
     * more or less than was counted here. What it counts beyond our own use is foreign, until the next answer or for one
     * window; what it counts less, such as a job that was cancelled, is dropped. An answer that a later inquiry's has
     * overtaken changes nothing. Survives a restart.
     *
     * <p>Of a {@link Limit.Concurrency} only the permits are taken over: what is taken is said by {@link #setExternalUse}.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void report(Inquiry inquiry, Report report);

    /**
     * Decides and counts as always, but lets every call of the account pass at once: for trying limits on live traffic
     * before they hold anybody back. Calls that wait are let go when it is switched on.
     */
    void shadow(String account, boolean on);

    /**
     * Lets bursts of a limit go again that were stopped, since the vendor refused two within a day: as large as what went
     * through of them. Does nothing if they were not.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void resumeBursts(String account, String limit);

    /**
     * Says whether only one team may use the account. Then nobody else has to wait for what its interactive calls take
     * at once, so they may take all that is safe; its bulk calls leave something for them. At first, any team may.
     */
    void unshared(String account, boolean only);

    /** What an account's limits and queues look like now, or nothing if the account is unknown. */
    Optional<AccountState> state(String account);

    /** All accounts, by name. */
    List<AccountState> states();

    /** Refuses all that wait and all that comes, for good: the process is about to stop. */
    void drain();

    /**
     * A moment at which a vendor is asked how a limit stands. Made by {@link #inquire}.
     *
     * @param number larger than those of earlier inquiries into the same limit
     * @param settled how many permits of ours had been settled by then, which the answer therefore counts
     */
    record Inquiry(String account, String limit, long number, long settled) {}

    /**
     * The answer of a vendor that was asked how a limit stands.
     *
     * @param permits how many calls it allows; empty if it does not say
     * @param remaining how many of them are left
     * @param mayRaise true if a number larger than the defined one is followed too, because that one is only a guess; no
     *     longer once the limit was changed at run time
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
     * One account at one moment.
     *
     * @param shadow whether calls pass whatever is decided
     * @param throttled how many attempts the vendor refused for their rate, by cause; each cause is there
     * @param wouldHaveWaited how many calls passed in shadow that would have waited or been refused
     * @param jitter J: how far the delays of calls lie apart
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

        /** How many attempts the vendor refused for that cause. */
        public long throttled(ThrottleCause cause) {
            return throttled.getOrDefault(cause, 0L);
        }

        /** How many attempts the vendor refused for their rate, whatever the cause. */
        public long throttledInAll() {
            return throttled.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * One limit at one moment. Limits per variable are summed up: {@code used} and {@code remaining} are those of the
     * fullest counter, and the rest is that of the counter most held back.
     *
     * @param counters how many counters are alive; 1 unless the limit is one per variable
     * @param permits how many calls a window takes now: fewer than the limit's own when the vendor's headers say so, or as
     *     many as the vendor reported
     * @param foreign how many of them somebody else seems to use
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

        /** Whether less than a tenth of a window is left. Of fewer than ten, a tenth is nothing to be warned of. */
        public boolean low() {
            return limit instanceof Limit.Rate && permits >= TENTH && remaining * TENTH < permits;
        }
    }

    /** Whether calls on an idle limit go at once. */
    enum BurstState {
        /** They are paced evenly, or have no rate. */
        NEVER,
        ALLOWED,
        /** They would, but the vendor refused two bursts within a day. */
        STOPPED
    }

    /** An operation that a throttled answer closed. */
    record ClosedOperation(String operation, Duration closedFor) {}

    /** One team's calls for one account. */
    record QueueState(String team, int pending, int inFlight, Duration oldestWait, long served) {}
}
