package io.sluice.call;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.net.URI;

/**
 * No permit, no request: the last thing every attempt passes on its way to a vendor. It spends the call's permit, and
 * only then writes the call into the request: URL, method, headers, the account's credential, and body.
 */
@ApplicationScoped
public class PermitFilter implements ClientRequestFilter {
    /** Carries the call's id from the interface method to this filter, and no further. */
    public static final String CALL = "Sluice-Call";

    private final CallsInFlight calls;

    PermitFilter(CallsInFlight calls) {
        this.calls = calls;
    }

    @Override
    public void filter(ClientRequestContext request) {
        String id = request.getHeaderString(CALL);
        Call call = calls.find(id == null ? "" : id).orElseThrow(() -> new NoPermitException(String.valueOf(id)));
        if (!call.spendPermit()) {
            throw new NoPermitException(call.id());
        }
        call.closeFailure();
        request.setUri(URI.create(call.account().url() + call.target().toString()));
        request.setMethod(call.method());
        MultivaluedMap<String, Object> headers = request.getHeaders();
        headers.clear();
        call.headers().forEach((name, values) -> headers.addAll(name, values.toArray()));
        headers.putSingle(
                call.account().credential().header(),
                call.account().credential().value());
        carry(call, request);
    }

    private static void carry(Call call, ClientRequestContext request) {
        String type = call.headers().getFirst(HttpHeaders.CONTENT_TYPE);
        MediaType media = type == null ? MediaType.APPLICATION_OCTET_STREAM_TYPE : MediaType.valueOf(type);
        switch (call.body()) {
            case Body.None() -> {}
            case Body.Kept(byte[] bytes) -> request.setEntity(bytes, new java.lang.annotation.Annotation[0], media);
            case Body.Passing(var stream, long length) -> {
                if (length >= 0) {
                    // Otherwise the client would send chunks, which not every vendor takes.
                    request.getHeaders().putSingle(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
                }
                request.setEntity(stream, new java.lang.annotation.Annotation[0], media);
            }
        }
    }
}
