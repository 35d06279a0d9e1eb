package io.sluice.call;

import io.netty.channel.ConnectTimeoutException;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Ticker;
import io.sluice.call.failure.AttemptFailedException;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.call.failure.CallTimedOutException;
import io.sluice.call.failure.ConnectionLostException;
import io.sluice.call.failure.NoPermitException;
import io.sluice.call.failure.VendorFailedException;
import io.sluice.call.failure.VendorThrottledException;
import io.sluice.call.failure.VendorUnreachableException;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The interceptor that judges each attempt when it returns: it settles the permit with what the response says about
 * limits, records the metrics, and turns a failure that may be worth another attempt into the exception by which the
 * annotations tell the cases apart. Runs inside of the fault tolerance annotations.
 */
@AttemptTracked
@Interceptor
@Priority(AttemptInterceptor.INSIDE_FAULT_TOLERANCE)
public class AttemptInterceptor {
    /** Fault tolerance's interceptor stands at {@code PLATFORM_AFTER + 10}; a higher number is further inside. */
    static final int INSIDE_FAULT_TOLERANCE = Interceptor.Priority.PLATFORM_AFTER + 100;

    /**
     * Jitter: how much longer than necessary a process backs off from a vendor that names no time, as a share. The
     * number is from Customer.io's guides.
     */
    private static final double JITTER = 0.1;

    private final Ticker ticker;
    private final CallMeters meters;
    private final RandomGenerator random;

    AttemptInterceptor(Ticker ticker, CallMeters meters, RandomGenerator random) {
        this.ticker = ticker;
        this.meters = meters;
        this.random = random;
    }

    @AroundInvoke
    Object attempt(InvocationContext invocation) throws Exception {
        Call call = (Call) invocation.getParameters()[0];
        int attempt = call.attempts().next();
        long sent = ticker.read();
        try {
            Response answer = (Response) invocation.proceed();
            return judged(call, attempt, answer, took(call, sent));
        } catch (AttemptFailedException | NoPermitException | CallAbandonedException e) {
            throw e;
        } catch (Exception e) {
            boolean unsent = neverSent(e);
            call.attempts().giveUp(attempt, unsent);
            if (call.cancellation().isBrokenOff()) {
                // Not the vendor's fault, so it must not count as one.
                throw new CallAbandonedException();
            }
            throw failed(call, attempt, lost(call, unsent || !call.attempts().begun(attempt), e), took(call, sent));
        }
    }

    private static AttemptFailedException lost(Call call, boolean unsent, Exception how) {
        if (call.expired()) {
            return new CallTimedOutException(how);
        }
        return unsent ? new VendorUnreachableException(how) : new ConnectionLostException(how);
    }

    private Response judged(Call call, int attempt, Response answer, Duration took) {
        LimitFeedback said = call.request()
                .dialect()
                .read(call.operation(), answer.getStatus(), answer.getHeaders())
                .withJitter(JITTER * random.nextDouble());
        Optional<Attempts.Sent> sent = call.attempts().takeSent(attempt);
        if (sent.isEmpty()) {
            // It was abandoned at this very moment: its connection is reset, and its response is discarded.
            throw failed(call, attempt, lost(call, false, new IOException("given up")), took);
        }
        if (said.throttle().isEmpty()) {
            sent.get().beforeSettling().run();
        }
        sent.get().permit().complete(said);
        if (answer.getStatus() >= 500) {
            throw failed(call, attempt, new VendorFailedException(answer), took);
        }
        if (said.throttle().isPresent()) {
            throw failed(call, attempt, new VendorThrottledException(answer), took);
        }
        meters.attempt(call, CallMeters.Outcome.of(answer.getStatus()), took);
        call.answered();
        return answer;
    }

    private AttemptFailedException failed(Call call, int attempt, AttemptFailedException how, Duration took) {
        call.attempts().failed(attempt, how);
        meters.attempt(call, CallMeters.Outcome.of(how), took);
        return how;
    }

    private Duration took(Call call, long sent) {
        Duration took = Duration.ofNanos(ticker.read() - sent);
        call.times().addVendor(took);
        return took;
    }

    private static boolean neverSent(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof NoRouteToHostException
                    || cause instanceof ConnectTimeoutException) {
                return true;
            }
        }
        return false;
    }
}
