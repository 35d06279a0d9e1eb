package io.sluice.call;

import io.sluice.budget.Timer;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;

/**
 * The interceptor that gives each attempt an {@link AttemptConnection}, on a Vert.x context of its own. Runs inside of
 * {@link AttemptInterceptor}.
 */
@AttemptTracked
@Interceptor
@Priority(ConnectionInterceptor.INSIDE_JUDGEMENT)
public class ConnectionInterceptor {
    static final int INSIDE_JUDGEMENT = AttemptInterceptor.INSIDE_FAULT_TOLERANCE + 100;

    private final Vertx vertx;
    private final Timer timer;

    ConnectionInterceptor(Vertx vertx, Timer timer) {
        this.vertx = vertx;
        this.timer = timer;
    }

    @AroundInvoke
    Object connect(InvocationContext invocation) throws Exception {
        ContextInternal context = (ContextInternal) VertxContext.newNestedContext(vertx.getOrCreateContext());
        AttemptConnection connection = new AttemptConnection(timer);
        connection.travelOn(context);
        Object answer;
        ContextInternal before = context.beginDispatch();
        try {
            answer = invocation.proceed();
        } finally {
            context.endDispatch(before);
        }
        if (!connection.begun()) {
            // It could not be reset: better no call at all than one that no timeout ends.
            throw new IllegalStateException("ConnectionListener did not run: is it among META-INF/services?");
        }
        return answer;
    }
}
