package io.sluice.budget;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The limits of all accounts, and who waits for them. Thread-safe. */
public interface Budget {
    /** Makes an account known with its limits. Throws {@link IllegalArgumentException} if it is known already. */
    void define(String account, Collection<Limit> limits);

    /**
     * Puts a demand in its queue, or answers it at once. Never waits.
     *
     * @param decided told the decision exactly once unless the ticket is cancelled first; possibly before this method
     *     returns, otherwise on the thread whose action decided it, so it must be quick; {@link PermitWait} waits for it
     * @throws IllegalArgumentException if the account or one of the limits is not defined
     */
    Ticket enqueue(Demand demand, Consumer<Decision> decided);

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
     * Says how many permits of a {@link Limit.InFlight} are taken by work that goes on without a call in flight, or that
     * somebody else has under way. Replaces what was said before.
     *
     * @throws IllegalArgumentException if the account has no such limit
     */
    void occupy(String account, String limit, int permits);

    /**
     * Decides and counts as always, but lets every call of the account pass at once: for trying limits on live traffic
     * before they hold anybody back. Calls that wait are let go when it is switched on.
     */
    void shadow(String account, boolean on);

    /** What an account's limits and queues look like now, or nothing if the account is unknown. */
    Optional<AccountState> state(String account);

    /** All accounts, by name. */
    List<AccountState> states();

    /** Refuses all that wait and all that comes, for good: the process is about to stop. */
    void drain();

    /**
     * One account at one moment.
     *
     * @param shadow whether calls pass whatever is decided
     * @param throttled how many attempts the vendor refused for their rate
     * @param avoidable how many of these our own traffic alone may have caused; somebody else caused the others
     * @param held how many calls passed in shadow that would have waited or been refused
     * @param spread J: how far the delays of calls lie apart
     * @param closedFor how long until the account as a whole reopens, zero when it is open
     */
    record AccountState(
            String account,
            boolean paused,
            boolean shadow,
            long throttled,
            long avoidable,
            long held,
            Duration spread,
            Duration closedFor,
            List<LimitState> limits,
            List<ClosedOperation> closed,
            List<QueueState> queues) {}

    /**
     * One limit at one moment. Limits per variable are summed up: {@code used} and {@code remaining} are those of the
     * fullest counter, and the rest is that of the counter most held back.
     *
     * @param counters how many counters are alive; 1 unless the limit is one per variable
     * @param permits how many calls a window takes now: fewer than the limit's own when the vendor's headers say so
     * @param foreign how many of them somebody else seems to use
     * @param margin what is added to the window since the vendor refused calls that should have been safe
     * @param closedFor how long until it reopens, zero when it is open
     */
    record LimitState(
            Limit limit,
            int counters,
            long permits,
            long used,
            long remaining,
            long foreign,
            Duration margin,
            Duration closedFor) {
        private static final int TENTH = 10;

        /** Whether less than a tenth of a window is left. Of fewer than ten, a tenth is nothing to be warned of. */
        public boolean low() {
            return limit instanceof Limit.Rate && permits >= TENTH && remaining * TENTH < permits;
        }
    }

    /** An operation that a throttled answer closed. */
    record ClosedOperation(String operation, Duration closedFor) {}

    /** One team's calls for one account. */
    record QueueState(String team, int pending, int inFlight, Duration oldestWait, long served) {}
}
