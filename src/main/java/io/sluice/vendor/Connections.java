package io.sluice.vendor;

import io.vertx.core.http.HttpClientOptions;
import jakarta.ws.rs.ext.ContextResolver;
import jakarta.ws.rs.ext.Provider;
import java.util.concurrent.TimeUnit;

/** How the connections to vendors behave, as far as configuration keys do not reach. */
@Provider
public class Connections implements ContextResolver<HttpClientOptions> {
    /**
     * Ends connections on which nothing moves: vendors that stop in the middle of a body. Longer than any timeout of an
     * attempt, which ends its connection itself.
     */
    private static final int IDLE_SECONDS = 180;

    /** Calls that wait for a connection, beyond which they fail rather than queue unseen by the budget. */
    private static final int WAITING_AT_MOST = 1000;

    @Override
    public HttpClientOptions getContext(Class<?> type) {
        return new HttpClientOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxWaitQueueSize(WAITING_AT_MOST)
                .setTcpNoDelay(true);
    }
}
