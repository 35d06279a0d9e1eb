package io.sluice.http;

import io.sluice.call.failure.CallAbandonedException;
import io.sluice.problem.ApiException;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;

/** A response whose body is written as its content arrives. If it cannot be completed, the connection breaks off. */
public final class StreamedResponse {
    private StreamedResponse() {}

    /** The content of a body. */
    @FunctionalInterface
    public interface Content {
        /** Writes the content; waits for it to arrive. */
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    /** Returns the response with that content. */
    public static Response of(String type, RoutingContext routing, Content content) {
        StreamingOutput stream = out -> {
            try {
                content.write(out);
            } catch (IOException | CallAbandonedException left) {
                // The client has disconnected, so the rest is not written.
                ClientConnection.breakOff(routing.request());
            } catch (ApiException broken) {
                // A part must not look like the whole.
                ClientConnection.breakOff(routing.request());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                ClientConnection.breakOff(routing.request());
            }
        };
        return Response.ok(stream).header(HttpHeaders.CONTENT_TYPE, type).build();
    }
}
