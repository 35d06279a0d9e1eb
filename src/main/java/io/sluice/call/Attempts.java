package io.sluice.call;

import io.sluice.budget.Permit;
import io.sluice.budget.QueuePosition;
import io.sluice.call.failure.AttemptFailedException;
import io.sluice.call.failure.CarriesResponse;
import io.sluice.call.failure.OutcomeUnknownException;
import io.sluice.call.failure.VendorThrottledException;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of a call: the permit for the next one, the one that is on the wire, and what came of them so far.
 *
 * <p>Guarded by its own lock: after a timeout the rest of a retry loop runs on another thread than the one that began
 * it.
 */
public final class Attempts {
    private final CallRequest call;

    private @Nullable Permit permit; // guarded by this
    private @Nullable QueuePosition position; // guarded by this
    private @Nullable SettlementHook settlementHook; // guarded by this
    private @Nullable Sent latest; // guarded by this
    private boolean settled = true; // guarded by this; of the latest attempt's permit
    private boolean finished = true; // guarded by this; the latest attempt's connection may be reused
    private boolean answered; // guarded by this; the response is known, and on its way to the caller
    private boolean stopped; // guarded by this; no attempt begins, and no response counts any more
    private @Nullable Request request; // guarded by this
    private boolean bodySent; // guarded by this; of a body that streams
    private @Nullable AttemptFailedException failure; // guarded by this
    private boolean possiblyExecuted; // guarded by this
    private boolean carriedOut; // guarded by this
    private int count; // guarded by this

    Attempts(CallRequest call) {
        this.call = call;
    }

    /**
     * An attempt that was sent.
     *
     * @param beforeSettling runs before its permit is settled, if the vendor may have executed it; must not wait
     */
    record Sent(int number, Permit permit, Exchange exchange, Runnable beforeSettling) {}

    /** The registration of a hook for the attempts that are sent while it is open. */
    public final class SettlementHook implements AutoCloseable {
        private final Runnable hook;

        private SettlementHook(Runnable hook) {
            this.hook = hook;
        }

        @Override
        public void close() {
            synchronized (Attempts.this) {
                settlementHook = null;
            }
        }
    }

    /** Returns how many attempts have been sent. */
    public synchronized int count() {
        return count;
    }

    /** Returns the failure of the latest attempt, if it failed. */
    public synchronized Optional<AttemptFailedException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Returns how the latest attempt failed, unless the vendor only throttled it: then the call is not over. */
    public Optional<AttemptFailedException> finalFailure() {
        return failure().filter(latestFailure -> !(latestFailure instanceof VendorThrottledException));
    }

    /** Closes the response of the latest failed attempt, if it has one that will not be forwarded. */
    public void closeFailure() {
        if (failure().orElse(null) instanceof CarriesResponse answeredFailure) {
            answeredFailure.response().close();
        }
    }

    /** Returns true if the vendor may have executed the call although no response confirms it. */
    public synchronized boolean outcomeUnknown() {
        return call.operation().effect() == Operation.Effect.WRITE && possiblyExecuted;
    }

    /** Returns true if the vendor has confirmed that it executed the call, although its response is yet to come. */
    public synchronized boolean carriedOut() {
        return carriedOut;
    }

    /**
     * Returns true if the caller is still sending a body that streams: then the caller is the slow one, and not
     * the vendor.
     */
    public synchronized boolean isSendingBody() {
        return call.body() instanceof Body.Streaming && count > 0 && !bodySent;
    }

    /** Records that a body that streams has been read to its end. */
    synchronized void bodySent() {
        bodySent = true;
    }

    /** Returns true if another attempt could send what the first one sent. */
    public synchronized boolean resendable() {
        return !(call.body() instanceof Body.Streaming) || count == 0;
    }

    synchronized Optional<QueuePosition> position() {
        return Optional.ofNullable(position);
    }

    /** Keeps the permit for the next attempt. */
    synchronized void hold(Permit granted) {
        position = granted.position();
        releasePermit();
        if (stopped) {
            granted.release();
        } else {
            permit = granted;
        }
    }

    /**
     * Reassigns the permit that the call holds to another operation; returns false if that is not possible.
     * Never waits.
     */
    public synchronized boolean canGoAs(Operation other) {
        return permit != null && permit.reassign(other.name());
    }

    /** Hands the permit and the position in the queue over to another call's attempts. */
    void handOver(Attempts other) {
        Permit held;
        QueuePosition place;
        synchronized (this) {
            held = permit;
            place = position;
            permit = null;
        }
        synchronized (other) {
            other.permit = held;
            other.position = place;
        }
    }

    /** Counts the attempts of another call, which was made in the place of this one, as this one's. */
    void add(Attempts other) {
        int sent = other.count();
        synchronized (this) {
            count += sent;
        }
    }

    /**
     * Spends the permit held, if there is one, on an attempt over that exchange; returns false if there is none, or no
     * attempt may be sent any more.
     */
    synchronized boolean spendPermit(Exchange exchange) {
        if (stopped) {
            releasePermit();
            return false;
        }
        Permit held = permit;
        permit = null;
        if (held == null || !held.send()) {
            return false;
        }
        count++;
        latest = new Sent(count, held, exchange, settlementHook == null ? Attempts::nothing : settlementHook.hook);
        settled = false;
        finished = false;
        answered = false;
        return true;
    }

    private static void nothing() {
        // The attempt is sent without a hook.
    }

    /** Releases a permit that no attempt has spent. */
    public synchronized void releasePermit() {
        if (permit != null) {
            permit.release();
            permit = null;
        }
    }

    /** Returns the number of the attempt that is made next, from 1. */
    synchronized int next() {
        return count + 1;
    }

    /** Returns the request of the next attempt. */
    synchronized Request request() {
        Request made = request;
        if (made == null) {
            made = new Request(URI.create(call.account().url() + call.target().toString()), call.method(), call.body());
            request = made;
        }
        return made;
    }

    /**
     * Sets the next attempt's request to what a redirection asks for, if it may be followed: not to other hosts than
     * the vendor's, not without the body, and only a limited number of times. Returns true if it is followed.
     *
     * @param location the response's header of that name
     * @param most how often a call may be redirected
     */
    public synchronized boolean follow(int status, @Nullable String location, int most) {
        Request before = request();
        if (location == null || before.redirects() >= most) {
            return false;
        }
        Optional<Request> there = before.redirected(call.account(), status, location);
        if (there.isEmpty()) {
            return false;
        }
        request = there.get();
        answered = false;
        // A vendor that answers "see other" has executed the call, and only the response is to be fetched elsewhere.
        possiblyExecuted |= status == Request.SEE_OTHER;
        carriedOut |= status == Request.SEE_OTHER && call.operation().effect() == Operation.Effect.WRITE;
        return true;
    }

    /**
     * Returns the exception for a response that turns out to be a refusal for now: the call goes back to the queue, and
     * is sent again.
     *
     * @param answer with its body unread, for the case that it is forwarded after all
     */
    public synchronized VendorThrottledException throttled(Response answer) {
        VendorThrottledException refused = new VendorThrottledException(answer);
        answered = false;
        failed(count, refused);
        return refused;
    }

    /**
     * Registers a hook that runs before the permit of an attempt is settled that the vendor may have executed: of each
     * attempt that is sent until the registration is closed, whenever its permit is settled. It must not wait.
     */
    public synchronized SettlementHook beforeSettling(Runnable hook) {
        if (settlementHook != null) {
            throw new IllegalStateException("the attempts have a settlement hook already");
        }
        SettlementHook registered = new SettlementHook(hook);
        settlementHook = registered;
        return registered;
    }

    /** Takes the permit of that attempt, to be settled with its response; empty if the attempt was abandoned. */
    synchronized Optional<Sent> takeSent(int attempt) {
        Sent sent = latest;
        if (settled || stopped || sent == null || sent.number() != attempt) {
            return Optional.empty();
        }
        settled = true;
        return Optional.of(sent);
    }

    /** Records that the response is known, and on its way to the caller. */
    synchronized void answered() {
        answered = true;
    }

    synchronized boolean isAnswered() {
        return answered;
    }

    /** Records that the response has been read to its end: its connection may serve another call from now on. */
    public synchronized void finished() {
        finished = true;
    }

    /** Stops the attempts, unless the response is known: no other one begins, and no response counts any more. */
    synchronized boolean stop() {
        if (answered) {
            return false;
        }
        stopped = true;
        return true;
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    /** Returns true if an attempt is on the wire whose permit is not settled. */
    synchronized boolean isUnderWay() {
        return !settled && latest != null && latest.exchange().begun();
    }

    /**
     * Abandons the latest attempt, whose response no caller waits for any longer: first its connection is reset, then
     * its permit is settled. Does nothing if that is done already, or under way. Does not wait for it.
     */
    public void giveUp() {
        giveUp(count(), false);
    }

    /**
     * Abandons that attempt, if it is the latest.
     *
     * @param neverSent whether it is certain that nothing of it was sent
     */
    void giveUp(int attempt, boolean neverSent) {
        Sent sent;
        boolean open;
        synchronized (this) {
            sent = latest;
            if (sent == null || sent.number() != attempt || finished) {
                return;
            }
            finished = true;
            open = !settled;
            settled = true;
        }
        CompletionStage<Void> gone = sent.exchange().reset();
        if (!open) {
            return;
        }
        boolean begun = !neverSent && sent.exchange().begun();
        synchronized (this) {
            possiblyExecuted |= begun;
        }
        gone.whenComplete((_, _) -> {
            if (begun) {
                sent.beforeSettling().run();
            }
            sent.permit().abandon();
        });
    }

    /** Resets the exchange of the latest attempt, unless its connection may serve another call by now. */
    void abort() {
        Sent sent;
        synchronized (this) {
            sent = finished ? null : latest;
        }
        if (sent != null) {
            sent.exchange().reset();
        }
    }

    /** Returns true if the vendor may have received something of that attempt. */
    synchronized boolean begun(int attempt) {
        Sent sent = latest;
        return sent == null || sent.number() != attempt || sent.exchange().begun();
    }

    synchronized void failed(int attempt, AttemptFailedException how) {
        possiblyExecuted |= how instanceof OutcomeUnknownException && begun(attempt);
        if (attempt == count) {
            failure = how;
        }
    }
}
