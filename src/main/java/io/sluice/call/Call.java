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
 * <p>What is asked for never changes. How it goes is guarded by the call's own lock: after a timeout the rest of a
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
    private boolean settled = true; // guarded by this; whether the latest attempt's permit is
    private boolean finished = true; // guarded by this; whether its connection may be another call's
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
    private boolean bodySent; // guarded by this; of a body that passes through
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
     * What a call is made of.
     *
     * @param target path and query at the vendor, after the account's URL
     * @param variables the values of the path variables of the operation's route
     * @param headers as they go to the vendor, but for the credential
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
        /** The same, for nobody who waits: it yields to others of its team, and gives up at another time. */
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

        /** The same with other headers. */
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

        /** The call, known by {@code id} while it lasts. */
        public Call named(String id) {
            return new Call(this, id, null);
        }

        /**
         * The call, known by {@code id} while it lasts.
         *
         * @param route the template of its path, for the access log
         */
        public Call named(String id, String route) {
            return new Call(this, id, route);
        }

        /** The call, known by {@code id} while it lasts, on the same route as another. */
        public Call named(String id, Call other) {
            return new Call(this, id, other.route);
        }
    }

    /** What another call of the same kind is made of. */
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

    /** The values of the path variables of the operation's route, decoded. */
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

    /** The template of its path, where it is known. */
    public Optional<String> route() {
        return Optional.ofNullable(route);
    }

    /** How the call ended, once it has. */
    public synchronized Optional<CallMeters.Outcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    synchronized void ended(CallMeters.Outcome how) {
        outcome = how;
    }

    /** Whether it yields to calls that somebody waits for. */
    public boolean bulk() {
        return priority == Priority.BULK;
    }

    /** When the caller stops waiting for permits, on the ticker. */
    public long deadline() {
        return deadline;
    }

    /** How many attempts have been sent. */
    public synchronized int attempts() {
        return attempts;
    }

    /** How long the call has stood in the queue, over all attempts. */
    public synchronized Duration queued() {
        return Duration.ofNanos(queuedNanos);
    }

    /** How long the vendor has taken to begin its answers, over all attempts. */
    public synchronized Duration vendor() {
        return Duration.ofNanos(vendorNanos);
    }

    /** How the latest attempt failed, if one did. */
    public synchronized Optional<AttemptFailedException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Closes the answer of the latest attempt that failed, if there is one that nobody will pass on. */
    public void closeFailure() {
        if (failure().orElse(null) instanceof CarriesResponse answered) {
            answered.response().close();
        }
    }

    /** Whether the caller is still sending a body that passes through: then it is the slow one, and not the vendor. */
    public synchronized boolean isSendingBody() {
        return body instanceof Body.Streaming && attempts > 0 && !bodySent;
    }

    /** Says that a body that passes through has come to its end. */
    synchronized void bodySent() {
        bodySent = true;
    }

    /** Whether another attempt could carry what the first one carried. */
    public synchronized boolean resendable() {
        return !(body instanceof Body.Streaming) || attempts == 0;
    }

    /** Whether the vendor may have done what the call asked for without our knowing. */
    public synchronized boolean outcomeUnknown() {
        return operation.effect() == Operation.Effect.WRITE && possiblyExecuted;
    }

    /**
     * How long the next permit may be waited for from {@code now} on: the rest of the caller's maximal wait, or of the time that
     * the whole call has, if that is less; zero when it is used up.
     */
    public synchronized Duration maxWait(long now) {
        long left = end.map(over -> Math.min(deadline - now, over - now)).orElse(deadline - now);
        return Duration.ofNanos(Math.max(0, left));
    }

    /** What the next attempt asks of the budget. */
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

    /** Whether the permit that the call holds can be used for that operation; then it is, from now on. Never waits. */
    public synchronized boolean canGoAs(Operation other) {
        return permit != null && permit.reassign(other.name());
    }

    /**
     * A call that is made in the place of this one, with its permit: it asks for something else, which answers this one
     * too.
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

    /** Notes that another call was made in the place of this one: its requests and its time are this one's. */
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

    /** Has no attempt be sent from now on unless {@code condition} holds just before; it must not wait. */
    public synchronized void sendOnlyIf(BooleanSupplier condition) {
        mayBeSent = condition;
    }

    /** Whether an attempt may be sent still. */
    synchronized boolean mayBeSent() {
        return !expired && mayBeSent.getAsBoolean();
    }

    /** Spends the permit held, if there is one and the call is wanted still, on an attempt that goes that way. */
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

    /** The number of the attempt that is made next, from 1. */
    synchronized int nextAttempt() {
        return attempts + 1;
    }

    /** What the next attempt sends, and where to. */
    synchronized Request request() {
        Request next = request;
        if (next == null) {
            next = new Request(URI.create(account.url() + target.toString()), method, body);
            request = next;
        }
        return next;
    }

    /**
     * Has the next attempt go where an answer says, if that is a redirection that may be followed: not to strangers, not
     * without the body, and not for ever.
     *
     * @param location the answer's header of that name
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
        // Whoever says "see the other" has done what it was asked for, and only the answer is to be had elsewhere.
        possiblyExecuted |= status == SEE_OTHER;
        carriedOut |= status == SEE_OTHER && operation.effect() == Operation.Effect.WRITE;
        return true;
    }

    /**
     * What to throw when an answer turns out to be a refusal for now: the call goes back to the queue, and is sent again.
     *
     * @param answer with its body unread, for when it has to be passed on after all
     */
    public synchronized VendorThrottledException throttled(Response answer) {
        VendorThrottledException refused = new VendorThrottledException(answer);
        answered = false;
        failed(attempts, refused);
        return refused;
    }

    /** Whether the vendor has said that it did what the call asked for, although its answer is yet to come. */
    public synchronized boolean carriedOut() {
        return carriedOut;
    }

    /** Registers a hook that runs before a permit is settled for an attempt the vendor may have executed. It must not wait. */
    public synchronized void beforeSettling(Runnable doing) {
        beforeSettling = doing;
    }

    /** Says that the vendor may have carried out the attempt that is on the wire. */
    void runBeforeSettling() {
        Runnable doing;
        synchronized (this) {
            doing = beforeSettling;
        }
        doing.run();
    }

    /** The permit of that attempt, to be settled with its answer; nothing if the attempt was given up. */
    synchronized Optional<Permit> takeSentPermit(int attempt) {
        Sent sent = latest;
        if (settled || expired || sent == null || sent.number() != attempt) {
            return Optional.empty();
        }
        settled = true;
        return Optional.of(sent.permit());
    }

    /**
     * Gives the latest attempt up, whose answer nobody waits for any longer: first its connection is reset, then its permit
     * is settled. Does nothing more when that is done already, or under way. Does not wait for it.
     */
    public void giveUp() {
        int attempt;
        synchronized (this) {
            attempt = attempts;
        }
        giveUp(attempt, false);
    }

    /**
     * The same for that attempt, if it is the latest.
     *
     * @param neverSent whether it is known that nothing of it was sent
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

    /** Whether the vendor may have got something of that attempt. */
    synchronized boolean begun(int attempt) {
        Sent sent = latest;
        return sent == null || sent.number() != attempt || sent.exchange().begun();
    }

    /** Gives a permit back that no attempt has spent. */
    public synchronized void releasePermit() {
        if (permit != null) {
            permit.release();
            permit = null;
        }
    }

    /**
     * Says that nobody waits for the answer any more. A call that stands in the queue leaves it at once, and an answer
     * that is on its way is broken off. A request that the vendor works on is left alone: its outcome would be unknown.
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

    /** Breaks the exchange of the latest attempt off, unless its connection may be another call's already. */
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

    /** Breaks the attempt on the wire off because the caller has stopped to send its body. */
    void breakOff() {
        synchronized (this) {
            brokenOff = true;
        }
        abortExchange();
    }

    /** Whether the caller has stopped in the middle of its body. */
    synchronized boolean brokenOff() {
        return brokenOff;
    }

    /** Says that the answer is found, and on its way to the caller. */
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

    /** Whether nobody waits for the answer any more. */
    public synchronized boolean abandoned() {
        return abandoned;
    }

    /**
     * What to do when the caller leaves, possibly more than once; done at once if it has left already. Replaces what was
     * said before.
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

    /** Says that the answer has come to its end: its connection may be another call's from now on. */
    public synchronized void finished() {
        finished = true;
    }

    /** Has something done when the first attempt is sent, once; it must not wait. */
    public synchronized void whenFirstSent(Runnable doing) {
        firstSent = doing;
    }

    /** Says when the time for the whole call is over, on the ticker: no permit is waited for beyond. */
    public synchronized void endBy(long over) {
        end = Optional.of(over);
    }

    /** Says which thread makes the call, so that it can be woken from a pause between attempts when its time is over. */
    public synchronized void drivenBy(Thread thread) {
        driver = thread;
    }

    /**
     * Says that the thread goes on to other things: from now on it is not woken any more.
     *
     * @param lasted how long the call took from the sending of its first attempt on; zero if none was sent
     * @return whether the thread was interrupted, to be woken
     */
    public synchronized boolean release(Duration lasted) {
        driver = null;
        sending = lasted;
        return interrupted;
    }

    /** How long the call took from the sending of its first attempt on; zero until it has ended. */
    public synchronized Duration sending() {
        return sending;
    }

    /**
     * Ends the call, unless it is answered, because its time is over: it leaves the queue, an attempt that is under way is
     * given up, and no other one begins. Does not wait.
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

    /** Whether the time for the whole call was over before it was answered. */
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

    /** The id: it is how the call finds its way through the REST client, as a header that never leaves. */
    @Override
    public String toString() {
        return id;
    }
}
