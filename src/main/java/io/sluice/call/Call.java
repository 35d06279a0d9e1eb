package io.sluice.call;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call to a vendor on behalf of a team: what is asked for, its attempts, their times, and its cancellation.
 * Thread-safe; no method waits.
 */
public final class Call {
    private final CallRequest request;
    private final Attempts attempts;
    private final Cancellation cancellation = new Cancellation();
    private final CallTimes times = new CallTimes();
    private final int maxAttempts;
    private final BooleanSupplier leaseValid;

    private volatile CallMeters.@Nullable Outcome outcome;
    private volatile @Nullable AccountState accountState;

    /** A call for a request, with as many attempts as are safe. */
    public Call(CallRequest request) {
        this(request, Integer.MAX_VALUE, () -> true);
    }

    /**
     * A call for a request, under conditions that hold right before each attempt.
     *
     * @param maxAttempts how many attempts may be sent
     * @param leaseValid true while the work that the call belongs to is still the caller's; must not wait
     */
    public Call(CallRequest request, int maxAttempts, BooleanSupplier leaseValid) {
        this.request = request;
        this.attempts = new Attempts(request);
        this.maxAttempts = maxAttempts;
        this.leaseValid = leaseValid;
    }

    /** Returns what is asked for. */
    public CallRequest request() {
        return request;
    }

    public Attempts attempts() {
        return attempts;
    }

    public Cancellation cancellation() {
        return cancellation;
    }

    public CallTimes times() {
        return times;
    }

    /** Returns the id of the request that the call is made for. */
    public String id() {
        return request.id();
    }

    public Account account() {
        return request.account();
    }

    public Operation operation() {
        return request.operation();
    }

    /** Returns how the call ended; empty until it has. */
    public Optional<CallMeters.Outcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    void ended(CallMeters.Outcome how) {
        outcome = how;
    }

    /** Returns the account's state as it was after the call; empty if the call was not sent. */
    public Optional<AccountState> accountState() {
        return Optional.ofNullable(accountState);
    }

    /** Records the account's state after the call, for all who tell of it. */
    public void accountState(AccountState state) {
        accountState = state;
    }

    /**
     * Returns how long to wait for the next permit from {@code now} on: the rest of the caller's maximal wait, or of
     * the time that the whole call has, if that is less; zero when it is used up.
     */
    public Duration maxWait(long now) {
        return Duration.ofNanos(Math.max(0, cancellation.nanosLeft(now, request.deadline() - now)));
    }

    /** Returns the request for the permit of the next attempt. */
    PermitRequest permitRequest(Duration maxWait) {
        return new PermitRequest(
                request.account().budget(),
                request.operation().name(),
                request.operation().costs(request.variables()),
                request.teamShare(),
                request.priority(),
                maxWait,
                attempts.position());
    }

    /**
     * Returns a batched call that takes the place of this one, with its permit; its response answers this one too.
     *
     * @param operation one that the permit {@link Attempts#canGoAs can go as}
     */
    public Call asBatch(Operation operation, Target target, long deadline) {
        Call batch = new Call(request.as(operation, target, deadline), maxAttempts, leaseValid);
        attempts.handOver(batch.attempts);
        return batch;
    }

    /** Adds the attempts and times of another call, which was made in the place of this one, to this one's. */
    public void absorb(Call other) {
        attempts.add(other.attempts);
        times.add(other.times);
    }

    /** Records a wait that ended without a permit. */
    void leftQueue(Duration waited) {
        times.addQueued(waited);
    }

    /** Keeps the permit for the next attempt, which was waited for. */
    void hold(Permit granted, Duration waited) {
        times.addQueued(waited);
        attempts.hold(granted);
    }

    /** Returns true if an attempt may still be sent. */
    boolean mayBeSent() {
        return !attempts.isStopped() && attempts.count() < maxAttempts && leaseValid.getAsBoolean();
    }

    /** Spends the permit held, if there is one and an attempt may still be sent, on an attempt over that exchange. */
    boolean spendPermit(Exchange exchange) {
        if (!mayBeSent()) {
            attempts.releasePermit();
            return false;
        }
        if (!attempts.spendPermit(exchange)) {
            return false;
        }
        cancellation.firstSent();
        return true;
    }

    /** Records that the response is known, and on its way to the caller; it is aborted if the caller has left. */
    void answered() {
        attempts.answered();
        if (cancellation.isAbandoned()) {
            attempts.abort();
        }
    }

    /**
     * Abandons the call, since its caller has left. A call that is queued leaves the queue at once, and a response that
     * is on its way is aborted. A request that the vendor works on is left alone: its outcome would be unknown.
     */
    public void abandon() {
        cancellation.abandon();
        if (attempts.isAnswered()) {
            attempts.abort();
        }
    }

    /** Withdraws the call from the queue because a batch answers it. */
    public void withdraw() {
        cancellation.leave();
    }

    /** Aborts the attempt on the wire because the caller has stopped sending its body. */
    void breakOff() {
        cancellation.breakOff();
        attempts.abort();
    }

    /**
     * Begins the making of the call by that thread, which is interrupted in a pause between attempts when the call's
     * time is over.
     *
     * @param firstSent runs once, when the first attempt is sent; must not wait
     */
    public void drive(Thread thread, Runnable firstSent) {
        cancellation.drive(thread, firstSent);
    }

    /** Sets the end of the time for the whole call, on the ticker: no permit is waited for beyond. */
    public void endBy(long over) {
        cancellation.endBy(over);
    }

    /**
     * Ends the making of the call: from now on its thread is not interrupted any more.
     *
     * @param lasted how long the call took from the sending of its first attempt on; zero if none was sent
     * @return whether the thread was interrupted because of the call
     */
    public boolean release(Duration lasted) {
        boolean interrupted = cancellation.release();
        times.ended(lasted);
        return interrupted;
    }

    /**
     * Ends the call, unless it is answered, because its time is over: it leaves the queue, an attempt that is under way
     * is abandoned, and no other one begins. Does not wait.
     */
    public void expire() {
        if (!cancellation.isDriven() || !attempts.stop()) {
            return;
        }
        boolean underWay = attempts.isUnderWay();
        cancellation.leave();
        attempts.giveUp();
        if (!underWay) {
            cancellation.wake();
        }
    }

    /** Returns true if the time for the whole call was over before it was answered. */
    public boolean expired() {
        return attempts.isStopped();
    }

    /** Returns the id. */
    @Override
    public String toString() {
        return request.id();
    }
}
