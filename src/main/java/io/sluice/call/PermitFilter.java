package io.sluice.call;

import io.sluice.call.failure.NoPermitException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.util.List;
import org.jboss.resteasy.reactive.client.impl.RestClientRequestContext;

/**
 * The request filter that spends a permit: the last step of every attempt on its way to a vendor. Without a permit it
 * refuses the attempt; with one it writes the call into the request: URL, method, headers, the account's credential,
 * and body.
 */
@ApplicationScoped
public class PermitFilter implements ClientRequestFilter {
    private static final Annotation[] NO_ANNOTATIONS = {};

    @Override
    public void filter(ClientRequestContext request) {
        Call call = callOf(request);
        Request sent = call.attempts().request();
        if (!call.spendPermit(AttemptConnection.current())) {
            throw new NoPermitException(call.id());
        }
        call.attempts().closeFailure();
        request.setUri(sent.uri());
        request.setMethod(sent.method());
        MultivaluedMap<String, Object> headers = request.getHeaders();
        headers.clear();
        call.request().headers().forEach((name, values) -> headers.addAll(name, values.toArray()));
        call.account().credential().putOn(headers);
        writeBody(sent.body(), call, request);
    }

    /** Returns the call that the interface method was called with: the client keeps its parameters with the request. */
    private static Call callOf(ClientRequestContext request) {
        if (request.getProperty(RestClientRequestContext.INVOKED_METHOD_PARAMETERS_PROP) instanceof List<?> parameters
                && !parameters.isEmpty()
                && parameters.getFirst() instanceof Call call) {
            return call;
        }
        throw new IllegalStateException("the method of a vendor's interface must have its call as the first parameter");
    }

    private static void writeBody(Body body, Call call, ClientRequestContext request) {
        switch (body) {
            case Body.None() -> {}
            case Body.Buffered(byte[] bytes) -> {
                String type = call.request().headers().getFirst(HttpHeaders.CONTENT_TYPE);
                if (type == null || type.isBlank()) {
                    // The client would add a content type to bytes. A stream is sent as it is.
                    stream(request, new ByteArrayInputStream(bytes), bytes.length);
                } else {
                    request.setEntity(bytes, NO_ANNOTATIONS, MediaType.APPLICATION_OCTET_STREAM_TYPE);
                }
            }
            case Body.Streaming(InputStream streaming, long length) ->
                stream(request, new RequestBodyStream(streaming, call.attempts()::bodySent, call::breakOff), length);
        }
    }

    private static void stream(ClientRequestContext request, InputStream body, long length) {
        if (length >= 0) {
            // Otherwise the client would send chunks, which not every vendor takes.
            request.getHeaders().putSingle(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        }
        request.setEntity(body, NO_ANNOTATIONS, MediaType.APPLICATION_OCTET_STREAM_TYPE);
    }
}
