package io.sluice.call;

import io.sluice.budget.Budget;
import io.sluice.budget.Ticker;
import io.sluice.call.failure.NoPermitException;
import jakarta.interceptor.InvocationContext;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Makes single attempts as a vendor's interface does, without HTTP and fault tolerance: spends the call's permit, and
 * judges what comes back.
 */
public final class PlayedAttempts {
    private static final Exchange EXCHANGE = new Exchange() {
        @Override
        public boolean begun() {
            return true;
        }

        @Override
        public CompletionStage<Void> reset() {
            return CompletableFuture.completedStage(null);
        }
    };

    private final AttemptInterceptor judge;

    public PlayedAttempts(Ticker ticker, CallMeters meters) {
        this.judge = new AttemptInterceptor(ticker, meters, () -> 0);
    }

    /** An access log that is off. */
    public static AccessLog unlogged() {
        return new AccessLog(() -> false);
    }

    /** What gets calls their permits from that budget. */
    public static Permits permits(Budget budget, Ticker ticker, CallMeters meters) {
        return new Permits(budget, ticker, meters);
    }

    /** The way to a vendor and back. */
    @FunctionalInterface
    public interface Wire {
        /**
         * Waits for the answer.
         *
         * @throws IOException if none comes
         */
        Response exchange(Call call) throws IOException;
    }

    /** Makes an attempt; waits for the answer. */
    public Response make(Call call, Wire wire) {
        try {
            return (Response) judge.attempt(new Invocation(call, () -> {
                if (!call.spendPermit(EXCHANGE)) {
                    throw new NoPermitException(call.id());
                }
                call.attempts().closeFailure();
                return wire.exchange(call);
            }));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @FunctionalInterface
    private interface Proceeding {
        Object proceed() throws Exception;
    }

    @SuppressWarnings("NullAway") // the interface allows what nobody asks for here
    private record Invocation(Call call, Proceeding proceeding) implements InvocationContext {
        @Override
        public Object proceed() throws Exception {
            return proceeding.proceed();
        }

        @Override
        public Object[] getParameters() {
            return new Object[] {call};
        }

        @Override
        public void setParameters(Object[] parameters) {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable Object getTarget() {
            return null;
        }

        @Override
        public @Nullable Object getTimer() {
            return null;
        }

        @Override
        public @Nullable Method getMethod() {
            return null;
        }

        @Override
        public @Nullable Constructor<?> getConstructor() {
            return null;
        }

        @Override
        public Map<String, Object> getContextData() {
            return Map.of();
        }
    }
}
