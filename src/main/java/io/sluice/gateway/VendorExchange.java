package io.sluice.gateway;

import io.sluice.budget.Decision;
import io.sluice.cache.CacheStatus;
import io.sluice.call.AccessLog;
import io.sluice.call.AttemptFailedException;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.CallMeters;
import io.sluice.call.CallTimedOutException;
import io.sluice.call.ConnectionLostException;
import io.sluice.call.CredentialStates;
import io.sluice.call.NoPermitException;
import io.sluice.call.Operation;
import io.sluice.call.Permits;
import io.sluice.call.Result;
import io.sluice.call.Sender;
import io.sluice.call.VendorFailedException;
import io.sluice.call.VendorResponse;
import io.sluice.call.VendorThrottledException;
import io.sluice.call.VendorUnreachableException;
import io.smallrye.faulttolerance.api.RateLimitException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/**
 * The exchange with a vendor: obtains a permit, makes the attempts, and goes back to the queue while the vendor
 * throttles and the caller waits.
 *
 * <p>Short waits between attempts happen inside the vendor's interface method, in {@code @Retry}. When that ends for
 * lack of a permit, the call comes back here, to its old position in the queue.
 */
@ApplicationScoped
public class VendorExchange implements Sender, CallHandler<Reply.Served> {
    private final Permits permits;
    private final CallMeters meters;
    private final LowLimitAlerts low;
    private final CircuitBreakers breakers;
    private final CallTimeouts timeouts;
    private final CallOutcomes outcomes;
    private final GatewayConfig config;
    private final AccessLog log;

    VendorExchange(
            Permits permits,
            CallMeters meters,
            LowLimitAlerts low,
            CircuitBreakers breakers,
            CallTimeouts timeouts,
            CredentialStates credentials,
            GatewayConfig config,
            AccessLog log) {
        this.permits = permits;
        this.meters = meters;
        this.low = low;
        this.breakers = breakers;
        this.timeouts = timeouts;
        this.outcomes = new CallOutcomes(meters, credentials);
        this.config = config;
        this.log = log;
    }

    /**
     * Makes a call of Sluice's own. Writes its access log line here, since it has no request that would have one. Waits
     * as {@link Sender#send} does.
     */
    @Override
    public Result send(Call call, Function<Call, Response> api) throws InterruptedException {
        return logged(call, () -> make(call, api));
    }

    /** The execution of a call. */
    @FunctionalInterface
    interface CallExecution {
        Result result() throws InterruptedException;
    }

    /** Executes a call of Sluice's own, and writes its line into the access log. */
    Result logged(Call call, CallExecution execution) throws InterruptedException {
        Result result;
        try {
            result = execution.result();
        } catch (CallAbandonedException e) {
            log.ownAbandoned(call);
            throw e;
        }
        log.own(call, result);
        return result;
    }

    /** Makes a call for a caller of a mount, as the last step of the chain. */
    @Override
    public Reply.Served handle(MountCall call) throws InterruptedException {
        return served(call.call(), make(call.call(), call.match().api()));
    }

    /** Returns the reply to a call that the cache had no effect on. */
    static Reply.Served served(Call call, Result result) {
        boolean write = call.operation().effect() == Operation.Effect.WRITE;
        return new Reply.Served(result, call, write ? CacheStatus.WRITE : CacheStatus.BYPASS);
    }

    /** Makes a call for a caller of a mount, whose request has a line in the access log. */
    Result make(Call call, Function<Call, Response> api) throws InterruptedException {
        return send(call, api, false, config.permitWait().maxRequeues());
    }

    /** Makes a call that holds the permit for its first attempt already. */
    Result sendWithPermit(Call call, Function<Call, Response> api) throws InterruptedException {
        return send(call, api, true, config.permitWait().maxRequeues());
    }

    /**
     * Makes a call that holds a permit already, but returns rather than waits while the vendor throttles: the caller
     * has an alternative.
     */
    Result trySendWithPermit(Call call, Function<Call, Response> api) throws InterruptedException {
        return send(call, api, true, 0);
    }

    /** Ends a call that got no permit in time. */
    Result reject(Call call, Decision.Denied denied) {
        Result result = finish(call, Result.Shed.of(denied));
        outcomes.record(call, result);
        return result;
    }

    private Result send(Call call, Function<Call, Response> api, boolean granted, int maxRequeues)
            throws InterruptedException {
        try {
            Result result = timed(call, api, granted, maxRequeues);
            outcomes.record(call, result);
            if (call.attempts().count() > 0) {
                // Kept for the response's headers: the state of a whole account is dear.
                low.check(call.account().budget()).ifPresent(call::accountState);
            }
            return result;
        } catch (CallAbandonedException e) {
            call.attempts().closeFailure();
            meters.ended(call, CallMeters.Outcome.CANCELLED);
            throw e;
        } finally {
            call.attempts().releasePermit();
        }
    }

    /** Makes the attempts, and ends them when the time for all of them is over. */
    private Result timed(Call call, Function<Call, Response> api, boolean granted, int maxRequeues)
            throws InterruptedException {
        try (CallTimeouts.Watch _ = timeouts.watch(call)) {
            Result result = attempts(call, api, granted, maxRequeues);
            return call.expired() ? expired(call) : result;
        } catch (Exception e) {
            // Whatever the attempts were just about to do, they ended because the time was over.
            if (call.expired() && !call.cancellation().isAbandoned()) {
                return expired(call);
            }
            throw e;
        }
    }

    private static Result expired(Call call) {
        call.attempts().closeFailure();
        return new Result.Failed(Result.Cause.CALL_TIMEOUT, call.attempts().outcomeUnknown());
    }

    private Result attempts(Call call, Function<Call, Response> api, boolean granted, int maxRequeues)
            throws InterruptedException {
        boolean holds = granted;
        for (int requeues = 0; ; ) {
            if (breakers.isOpenFor(call)) {
                return circuitOpen(call);
            }
            if (!holds && permits.obtain(call, config.permitWait().max()) instanceof Decision.Denied denied) {
                return finish(call, Result.Shed.of(denied));
            }
            holds = false;
            try {
                Response answer = breakers.send(call, api);
                if (!call.attempts()
                        .follow(
                                answer.getStatus(),
                                answer.getHeaderString(HttpHeaders.LOCATION),
                                config.maxRedirects())) {
                    return new Result.Answered(VendorResponse.of(answer), false);
                }
                answer.close();
            } catch (NoPermitException | VendorThrottledException e) {
                Optional<Result> last = finalFailure(call);
                if (last.isPresent()) {
                    return last.get();
                }
                if (requeues++ == maxRequeues || !call.attempts().resendable()) {
                    return finish(call, rejection(call));
                }
            } catch (RateLimitException e) {
                // The rate limit backstop, which pacing should never let come into play: a bug of ours,
                // seen in ft_ratelimit_calls.
                return finish(
                        call,
                        new Result.Shed(
                                Decision.Reason.DEADLINE, Duration.ofMillis(Math.max(1, e.getRetryAfterMillis()))));
            } catch (AttemptFailedException e) {
                return failed(call, e);
            } catch (TimeoutException e) {
                // The thread that made the attempt may be another one, and not have got as far as this.
                call.attempts().giveUp();
                return new Result.Failed(Result.Cause.TIMEOUT, call.attempts().outcomeUnknown());
            } catch (CircuitBreakerOpenException e) {
                return circuitOpen(call);
            }
        }
    }

    private Result circuitOpen(Call call) {
        return finalFailure(call)
                .orElseGet(() -> call.attempts().carriedOut()
                        ? new Result.Failed(Result.Cause.CONNECTION_LOST, true)
                        : new Result.Failed(Result.Cause.CIRCUIT_OPEN, false, Optional.of(breakers.opensIn(call))));
    }

    /** The failure that ended the call for good before a permit for yet another attempt was missing. */
    private Optional<Result> finalFailure(Call call) {
        return call.attempts().finalFailure().map(failure -> failed(call, failure));
    }

    private Result finish(Call call, Result.Shed shed) {
        return finalFailure(call).orElseGet(() -> {
            call.attempts().closeFailure();
            return call.attempts().carriedOut() ? new Result.Failed(Result.Cause.CONNECTION_LOST, true) : shed;
        });
    }

    private static Result failed(Call call, AttemptFailedException failure) {
        return switch (failure) {
            case VendorFailedException e ->
                new Result.Answered(
                        VendorResponse.of(e.response()), call.attempts().outcomeUnknown());
            case VendorThrottledException e ->
                new Result.Answered(
                        VendorResponse.of(e.response()), call.attempts().outcomeUnknown());
            case VendorUnreachableException _ ->
                new Result.Failed(Result.Cause.UNREACHABLE, call.attempts().outcomeUnknown());
            case ConnectionLostException _ ->
                new Result.Failed(Result.Cause.CONNECTION_LOST, call.attempts().outcomeUnknown());
            case CallTimedOutException _ ->
                new Result.Failed(Result.Cause.CALL_TIMEOUT, call.attempts().outcomeUnknown());
        };
    }

    /** The result of a call that was throttled as often as is allowed. */
    private Result.Shed rejection(Call call) throws InterruptedException {
        return permits.obtain(call, Duration.ZERO)
                        instanceof Decision.Denied(var _, Duration retryAfter, var bottleneck)
                ? new Result.Shed(Decision.Reason.DEADLINE, retryAfter, bottleneck)
                : new Result.Shed(Decision.Reason.DEADLINE, Duration.ofSeconds(1));
    }
}
