package io.sluice.saas;

import io.vertx.core.http.HttpClientOptions;
import jakarta.ws.rs.ext.ContextResolver;
import jakarta.ws.rs.ext.Provider;
import java.util.concurrent.TimeUnit;

/** The settings of the connections to vendors that no configuration key covers. */
@Provider
public class Connections implements ContextResolver<HttpClientOptions> {
    /**
     * The idle timeout of connections, for vendors that stop in the middle of a body. Longer than any timeout of an
     * attempt, which ends its connection itself.
     */
    private static final int IDLE_SECONDS = 180;

    /** The calls that may wait for a connection; further ones fail rather than queue without the budget's control. */
    private static final int WAITING_AT_MOST = 1000;

    /**
     * The largest headers of a response, in bytes; 8192 by default, which a link that repeats a long query can pass. AWS
     * ALB lets vendors send 32 K. Requests have no limit on this side.
     */
    private static final int MOST_HEADERS = 32 << 10;

    @Override
    public HttpClientOptions getContext(Class<?> type) {
        return new HttpClientOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxWaitQueueSize(WAITING_AT_MOST)
                .setMaxHeaderSize(MOST_HEADERS)
                .setTcpNoDelay(true);
    }
}
