package io.sluice.call;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.annotation.Annotation;

/**
 * The request filter that spends a permit: the last step of every attempt on its way to a vendor. Without a permit it
 * refuses the attempt; with one it writes the call into the request: URL, method, headers, the account's credential,
 * and body.
 */
@ApplicationScoped
public class PermitFilter implements ClientRequestFilter {
    /**
     * The name of the header that leads from the interface method to this filter with the call's id, and is never sent.
     */
    public static final String CALL = "Sluice-Call";

    private static final Annotation[] NO_ANNOTATIONS = {};

    private final CallsInFlight calls;

    PermitFilter(CallsInFlight calls) {
        this.calls = calls;
    }

    @Override
    public void filter(ClientRequestContext request) {
        String id = request.getHeaderString(CALL);
        Call call = calls.find(id == null ? "" : id).orElseThrow(() -> new NoPermitException(String.valueOf(id)));
        Request sent = call.request();
        if (!call.spendPermit(AttemptConnection.current())) {
            throw new NoPermitException(call.id());
        }
        call.closeFailure();
        request.setUri(sent.uri());
        request.setMethod(sent.method());
        MultivaluedMap<String, Object> headers = request.getHeaders();
        headers.clear();
        call.headers().forEach((name, values) -> headers.addAll(name, values.toArray()));
        call.account().credential().putOn(headers);
        writeBody(sent.body(), call, request);
    }

    private static void writeBody(Body body, Call call, ClientRequestContext request) {
        switch (body) {
            case Body.None() -> {}
            case Body.Buffered(byte[] bytes) -> {
                String type = call.headers().getFirst(HttpHeaders.CONTENT_TYPE);
                if (type == null || type.isBlank()) {
                    // The client would add a content type to bytes. A stream is sent as it is.
                    stream(request, new ByteArrayInputStream(bytes), bytes.length);
                } else {
                    request.setEntity(bytes, NO_ANNOTATIONS, MediaType.APPLICATION_OCTET_STREAM_TYPE);
                }
            }
            case Body.Streaming(InputStream streaming, long length) ->
                stream(request, new RequestBodyStream(streaming, call::bodySent, call::breakOff), length);
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
