package io.sluice.call;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.rest.client.RestClientBuilder;
import org.eclipse.microprofile.rest.client.spi.RestClientListener;
import org.jboss.resteasy.reactive.client.impl.VertxRequestCustomizingClientBuilder;

/**
 * The listener of the vendors' REST clients that assigns each request to its attempt right before it is sent. Found
 * through {@code META-INF/services}.
 */
@RegisterForReflection
public final class ConnectionListener implements RestClientListener {
    @Override
    public void onNewClient(Class<?> api, RestClientBuilder builder) {
        if (api.isAnnotationPresent(AttemptTracked.class)) {
            ((VertxRequestCustomizingClientBuilder<?>) builder)
                    .httpClientRequestCustomizer(
                            request -> AttemptConnection.current().connected(request));
        }
    }
}
