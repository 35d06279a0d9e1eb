package io.sluice.call;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.rest.client.RestClientBuilder;
import org.eclipse.microprofile.rest.client.spi.RestClientListener;
import org.jboss.resteasy.reactive.client.impl.VertxRequestCustomizingClientBuilder;

/**
 * Has every vendor's REST client hand the requests that it is about to send to the attempts that they are made for. Found
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
