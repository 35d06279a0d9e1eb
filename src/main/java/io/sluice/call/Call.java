package io.sluice.call;

import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.QueuePosition;
import io.sluice.budget.TeamShare;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call to a vendor on behalf of a team, over all of its attempts.
 *
 * <p>The request never changes. The progress of the call is guarded by its own lock: after a timeout the rest of a
 * retry loop runs on another thread than the one that began it.
 */
public final class Call {
    private static final int SEE_OTHER = 303;

    private final String id;
    private final Account account;
    private final Operation operation;
    private final Dialect dialect;
    private final String method;
    private final Target target;
    private final Map<String, String> variables;
    private final MultivaluedMap<String, String> headers;
    private final Body body;
    private final TeamShare teamShare;
    private final Priority priority;
    private final long deadline;
    private final @Nullable String route;

    private @Nullable Permit permit; // guarded by this
    private @Nullable Sent latest; // guarded by this
    private boolean settled = true; // guarded by this; of the latest attempt's permit
    private boolean finished = true; // guarded by this; the latest attempt's connection may be reused
    private @Nullable QueuePosition position; // guarded by this
    private @Nullable AttemptFailedException failure; // guarded by this
    private boolean possiblyExecuted; // guarded by this
    private boolean carriedOut; // guarded by this
    private boolean abandoned; // guarded by this
    private boolean brokenOff; // guarded by this
    private boolean answered; // guarded by this
    private BooleanSupplier mayBeSent = () -> true; // guarded by this
    private Runnable beforeSettling = () -> {}; // guarded by this
    private Runnable leave = () -> {}; // guarded by this
    private Runnable firstSent = () -> {}; // guarded by this
    private Optional<Long> end = Optional.empty(); // guarded by this
    private boolean expired; // guarded by this
    private @Nullable Thread driver; // guarded by this
    private boolean interrupted; // guarded by this
    private Duration sending = Duration.ZERO; // guarded by this
    private @Nullable Request request; // guarded by this
    private int redirects; // guarded by this
    private boolean bodySent; // guarded by this; of a body that streams
    private int attempts; // guarded by this
    private long queuedNanos; // guarded by this
    private long vendorNanos; // guarded by this
    private CallMeters.@Nullable Outcome outcome; // guarded by this

    /** An attempt that was sent. */
    private record Sent(int number, Permit permit, Exchange exchange) {}

    private Call(Builder from, String id, @Nullable String route) {
        this.id = id;
        this.account = from.account;
        this.operation = from.operation;
        this.dialect = from.dialect;
        this.method = from.method;
        this.target = from.target;
        this.variables = from.variables;
        this.headers = from.headers;
        this.body = from.body;
        this.teamShare = from.teamShare;
        this.priority = from.priority;
        this.deadline = from.deadline;
        this.route = route;
    }

    /**
     * The parts of a call.
     *
     * @param target path and query at the vendor, after the account's URL
     * @param variables the values of the path variables of the operation's route
     * @param headers as they are sent to the vendor, except for the credential
     * @param deadline when the caller stops waiting for permits, on the ticker
     */
    public record Builder(
            Account account,
            Operation operation,
            Dialect dialect,
            String method,
            Target target,
            Map<String, String> variables,
            MultivaluedMap<String, String> headers,
            Body body,
            TeamShare teamShare,
            Priority priority,
            long deadline) {
        /** Returns the same for a call that no caller waits for: it has the priority of bulk, and another deadline. */
        public Builder asBulkUntil(long otherDeadline) {
            return new Builder(
                    account,
                    operation,
                    dialect,
                    method,
                    target,
                    variables,
                    headers,
                    body,
                    teamShare,
                    Priority.BULK,
                    otherDeadline);
        }

        /** Returns the same with other headers. */
        public Builder with(MultivaluedMap<String, String> otherHeaders) {
            return new Builder(
                    account,
                    operation,
                    dialect,
                    method,
                    target,
                    variables,
                    otherHeaders,
                    body,
                    teamShare,
                    priority,
                    deadline);
        }

        /** Builds the call, with {@code id} as its id while it lasts. */
        public Call named(String id) {
            return new Call(this, id, null);
        }

        /**
         * Builds the call, with {@code id} as its id while it lasts.
         *
         * @param route the template of its path, for the access log
         */
        public Call named(String id, String route) {
            return new Call(this, id, route);
        }

        /** Builds the call, with {@code id} as its id while it lasts, on the same route as another call. */
        public Call named(String id, Call other) {
            return new Call(this, id, other.route);
        }
    }

    /** Returns a builder with the parts of this call. */
    public Builder toBuilder() {
        return new Builder(
                account, operation, dialect, method, target, variables, headers, body, teamShare, priority, deadline);
    }

    public String id() {
        return id;
    }

    public Account account() {
        return account;
    }

    public Operation operation() {
        return operation;
    }

    public Dialect dialect() {
        return dialect;
    }

    public String method() {
        return method;
    }

    public Target target() {
        return target;
    }

    /** Returns the values of the path variables of the operation's route, decoded. */
    public Map<String, String> variables() {
        return variables;
    }

    public MultivaluedMap<String, String> headers() {
        return headers;
    }

    public Body body() {
        return body;
    }

    public TeamShare teamShare() {
        return teamShare;
    }

    /** Returns the template of the call's path; empty if it is unknown. */
    public Optional<String> route() {
        return Optional.ofNullable(route);
    }

    /** Returns how the call ended; empty until it has. */
    public synchronized Optional<CallMeters.Outcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    synchronized void ended(CallMeters.Outcome how) {
        outcome = how;
    }

    /** Returns true if it has the priority of bulk. */
    public boolean bulk() {
        return priority == Priority.BULK;
    }

    /** Returns when the caller stops waiting for permits, on the ticker. */
    public long deadline() {
        return deadline;
    }

    /** Returns how many attempts have been sent. */
    public synchronized int attempts() {
        return attempts;
    }

    /** Returns how long the call has been queued, over all attempts. */
    public synchronized Duration queued() {
        return Duration.ofNanos(queuedNanos);
    }

    /** Returns how long the vendor has taken to begin its responses, over all attempts. */
    public synchronized Duration vendor() {
        return Duration.ofNanos(vendorNanos);
    }

    /** Returns the failure of the latest attempt, if it failed. */
    public synchronized Optional<AttemptFailedException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Returns how the latest attempt failed, unless the vendor only throttled it: then the call is not over. */
    public Optional<AttemptFailedException> finalFailure() {
        return failure().filter(failure -> !(failure instanceof VendorThrottledException));
    }

    /** Closes the response of the latest failed attempt, if it has one that will not be forwarded. */
    public void closeFailure() {
        if (failure().orElse(null) instanceof CarriesResponse answered) {
            answered.response().close();
        }
    }

    /**
     * Returns true if the caller is still sending a body that streams: then the caller is the slow one, and not
     * the vendor.
     */
    public synchronized boolean isSendingBody() {
        return body instanceof Body.Streaming && attempts > 0 && !bodySent;
    }

    /** Records that a body that streams has been read to its end. */
    synchronized void bodySent() {
        bodySent = true;
    }

    /** Returns true if another attempt could send what the first one sent. */
    public synchronized boolean resendable() {
        return !(body instanceof Body.Streaming) || attempts == 0;
    }

    /** Returns true if the vendor may have executed the call although no response confirms it. */
    public synchronized boolean outcomeUnknown() {
        return operation.effect() == Operation.Effect.WRITE && possiblyExecuted;
    }

    /**
     * Returns how long to wait for the next permit from {@code now} on: the rest of the caller's maximal wait, or of
     * the time that the whole call has, if that is less; zero when it is used up.
     */
    public synchronized Duration maxWait(long now) {
        long left = end.map(over -> Math.min(deadline - now, over - now)).orElse(deadline - now);
        return Duration.ofNanos(Math.max(0, left));
    }

    /** Returns the request for the permit of the next attempt. */
    synchronized PermitRequest permitRequest(Duration maxWait) {
        return new PermitRequest(
                account.budget(),
                operation.name(),
                operation.costs(variables),
                teamShare,
                priority,
                maxWait,
                Optional.ofNullable(position));
    }

    /** Records a wait that ended without a permit. */
    synchronized void leftQueue(Duration waited) {
        queuedNanos += waited.toNanos();
    }

    /** Keeps the permit for the next attempt. */
    synchronized void hold(Permit granted, Duration waited) {
        queuedNanos += waited.toNanos();
        position = granted.position();
        releasePermit();
        if (expired) {
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

    /**
     * Returns a batched call that takes the place of this one, with its permit; its response answers this one too.
     *
     * @param otherOperation one that it {@link #canGoAs}
     */
    public synchronized Call asBatch(String otherId, Operation otherOperation, Target otherTarget, long otherDeadline) {
        Call other = new Call(
                new Builder(
                        account,
                        otherOperation,
                        dialect,
                        method,
                        otherTarget,
                        Map.of(),
                        headers,
                        body,
                        teamShare,
                        priority,
                        otherDeadline),
                otherId,
                route);
        other.permit = permit;
        other.position = position;
        permit = null;
        return other;
    }

    /** Adds the attempts and times of another call, which was made in the place of this one, to this one's. */
    public void absorb(Call other) {
        int sent = other.attempts();
        long queuing = other.queued().toNanos();
        long answering = other.vendor().toNanos();
        synchronized (this) {
            attempts += sent;
            queuedNanos += queuing;
            vendorNanos += answering;
        }
    }

    /** Sets a condition that must hold right before an attempt is sent; it must not wait. */
    public synchronized void sendOnlyIf(BooleanSupplier condition) {
        mayBeSent = condition;
    }

    /** Returns true if an attempt may still be sent. */
    synchronized boolean mayBeSent() {
        return !expired && mayBeSent.getAsBoolean();
    }

    /** Spends the permit held, if there is one and an attempt may still be sent, on an attempt over that exchange. */
    synchronized boolean spendPermit(Exchange exchange) {
        if (!mayBeSent()) {
            releasePermit();
            return false;
        }
        Permit held = permit;
        permit = null;
        if (held == null || !held.send()) {
            return false;
        }
        attempts++;
        latest = new Sent(attempts, held, exchange);
        settled = false;
        finished = false;
        answered = false;
        if (attempts == 1) {
            firstSent.run();
        }
        return true;
    }

    /** Returns the number of the attempt that is made next, from 1. */
    synchronized int nextAttempt() {
        return attempts + 1;
    }

    /** Returns the request of the next attempt. */
    synchronized Request request() {
        Request next = request;
        if (next == null) {
            next = new Request(URI.create(account.url() + target.toString()), method, body);
            request = next;
        }
        return next;
    }

    /**
     * Sets the next attempt's request to what a redirection asks for, if it may be followed: not to other hosts than
     * the vendor's, not without the body, and only a limited number of times. Returns true if it is followed.
     *
     * @param location the response's header of that name
     * @param most how often a call may be redirected
     */
    public synchronized boolean follow(int status, @Nullable String location, int most) {
        if (location == null || redirects >= most) {
            return false;
        }
        Optional<Request> there = request().redirected(account, status, location);
        if (there.isEmpty()) {
            return false;
        }
        request = there.get();
        redirects++;
        answered = false;
        // A vendor that answers "see other" has executed the call, and only the response is to be fetched elsewhere.
        possiblyExecuted |= status == SEE_OTHER;
        carriedOut |= status == SEE_OTHER && operation.effect() == Operation.Effect.WRITE;
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
        failed(attempts, refused);
        return refused;
    }

    /** Returns true if the vendor has confirmed that it executed the call, although its response is yet to come. */
    public synchronized boolean carriedOut() {
        return carriedOut;
    }

    /**
     * Registers a hook that runs before a permit is settled for an attempt that the vendor may have executed. It must
     * not wait.
     */
    public synchronized void beforeSettling(Runnable doing) {
        beforeSettling = doing;
    }

    /** Runs the hook, since the vendor may have executed the attempt that is on the wire. */
    void runBeforeSettling() {
        Runnable doing;
        synchronized (this) {
            doing = beforeSettling;
        }
        doing.run();
    }

    /** Takes the permit of that attempt, to be settled with its response; empty if the attempt was abandoned. */
    synchronized Optional<Permit> takeSentPermit(int attempt) {
        Sent sent = latest;
        if (settled || expired || sent == null || sent.number() != attempt) {
            return Optional.empty();
        }
        settled = true;
        return Optional.of(sent.permit());
    }

    /**
     * Abandons the latest attempt, whose response no caller waits for any longer: first its connection is reset, then
     * its permit is settled. Does nothing if that is done already, or under way. Does not wait for it.
     */
    public void giveUp() {
        int attempt;
        synchronized (this) {
            attempt = attempts;
        }
        giveUp(attempt, false);
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
                runBeforeSettling();
            }
            sent.permit().abandon();
        });
    }

    /** Returns true if the vendor may have received something of that attempt. */
    synchronized boolean begun(int attempt) {
        Sent sent = latest;
        return sent == null || sent.number() != attempt || sent.exchange().begun();
    }

    /** Releases a permit that no attempt has spent. */
    public synchronized void releasePermit() {
        if (permit != null) {
            permit.release();
            permit = null;
        }
    }

    /**
     * Abandons the call, since its caller has left. A call that is queued leaves the queue at once, and a response that
     * is on its way is aborted. A request that the vendor works on is left alone: its outcome would be unknown.
     */
    public void abandon() {
        Runnable leaving;
        boolean cutting;
        synchronized (this) {
            abandoned = true;
            leaving = leave;
            cutting = answered;
        }
        leaving.run();
        if (cutting) {
            abortExchange();
        }
    }

    /** Resets the exchange of the latest attempt, unless its connection may serve another call by now. */
    private void abortExchange() {
        Sent sent;
        synchronized (this) {
            sent = finished ? null : latest;
        }
        if (sent != null) {
            sent.exchange().reset();
        }
    }

    /** Withdraws the call from the queue because a batch answers it. */
    public void withdraw() {
        Runnable leaving;
        synchronized (this) {
            leaving = leave;
        }
        leaving.run();
    }

    /** Aborts the attempt on the wire because the caller has stopped sending its body. */
    void breakOff() {
        synchronized (this) {
            brokenOff = true;
        }
        abortExchange();
    }

    /** Returns true if the caller has stopped in the middle of its body. */
    synchronized boolean brokenOff() {
        return brokenOff;
    }

    /** Records that the response is known, and on its way to the caller. */
    void answered() {
        boolean cutting;
        synchronized (this) {
            answered = true;
            cutting = abandoned;
        }
        if (cutting) {
            abortExchange();
        }
    }

    /** Returns true if the caller has left. */
    public synchronized boolean abandoned() {
        return abandoned;
    }

    /**
     * Sets the action for when the caller leaves, which may run more than once; runs it at once if the caller has left
     * already. Replaces the action set before.
     */
    public void whenAbandoned(Runnable doing) {
        boolean now;
        synchronized (this) {
            leave = doing;
            now = abandoned;
        }
        if (now) {
            doing.run();
        }
    }

    /** Records that the response has been read to its end: its connection may serve another call from now on. */
    public synchronized void finished() {
        finished = true;
    }

    /** Sets the action for when the first attempt is sent; it runs once and must not wait. */
    public synchronized void whenFirstSent(Runnable doing) {
        firstSent = doing;
    }

    /** Sets the end of the time for the whole call, on the ticker: no permit is waited for beyond. */
    public synchronized void endBy(long over) {
        end = Optional.of(over);
    }

    /**
     * Sets the thread that makes the call, so that it can be interrupted in a pause between attempts when the call's
     * time is over.
     */
    public synchronized void drivenBy(Thread thread) {
        driver = thread;
    }

    /**
     * Clears the thread that makes the call: from now on it is not interrupted any more.
     *
     * @param lasted how long the call took from the sending of its first attempt on; zero if none was sent
     * @return whether the thread was interrupted because of the call
     */
    public synchronized boolean release(Duration lasted) {
        driver = null;
        sending = lasted;
        return interrupted;
    }

    /** Returns how long the call took from the sending of its first attempt on; zero until it has ended. */
    public synchronized Duration sending() {
        return sending;
    }

    /**
     * Ends the call, unless it is answered, because its time is over: it leaves the queue, an attempt that is under way
     * is abandoned, and no other one begins. Does not wait.
     */
    public void expire() {
        Runnable leaving;
        boolean underWay;
        synchronized (this) {
            if (answered || driver == null) {
                return;
            }
            expired = true;
            leaving = leave;
            underWay = !settled && latest != null && latest.exchange().begun();
        }
        leaving.run();
        giveUp();
        if (!underWay) {
            wake();
        }
    }

    /** Returns true if the time for the whole call was over before it was answered. */
    public synchronized boolean expired() {
        return expired;
    }

    private synchronized void wake() {
        if (driver != null) {
            interrupted = true;
            driver.interrupt();
        }
    }

    synchronized void failed(int attempt, AttemptFailedException how) {
        possiblyExecuted |= how instanceof OutcomeUnknownException && begun(attempt);
        if (attempt == attempts) {
            failure = how;
        }
    }

    synchronized void answeredAfter(long nanos) {
        vendorNanos += nanos;
    }

    /** Returns the id: as a header that is never sent, it leads from the REST client's request to the call. */
    @Override
    public String toString() {
        return id;
    }
}
