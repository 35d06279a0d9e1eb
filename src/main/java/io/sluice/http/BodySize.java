package io.sluice.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.ClientErrorException;
import java.util.regex.Pattern;

/** The check of request bodies by their stated length, before anything of them is read. */
@Singleton
public class BodySize {
    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");

    private final BodiesConfig config;

    BodySize(BodiesConfig config) {
        this.config = config;
    }

    /**
     * Checks a request's body. On Sluice's own API it is read into memory, so there it must state its length.
     *
     * @throws BadRequestException if its end cannot be determined
     * @throws ClientErrorException 413 if it is too large, 411 if it must state its length and does not
     */
    public void check(HttpServerRequest request, boolean mounted) {
        String coding = request.getHeader("Transfer-Encoding");
        if (coding != null && !coding.trim().equalsIgnoreCase("chunked")) {
            // Where the body ends cannot be determined (RFC 9112, section 6.3), so nothing may follow it either.
            request.response().putHeader("Connection", "close");
            throw new BadRequestException("the transfer encoding is not understood");
        }
        String stated = request.getHeader("Content-Length");
        MemorySize max = mounted ? config.max() : config.maxApi();
        if (stated == null) {
            if (!mounted && coding != null) {
                throw new ClientErrorException("a body needs a Content-Length here", 411);
            }
        } else if (!LENGTH.matcher(stated.trim()).matches() || Long.parseLong(stated.trim()) > max.asLongValue()) {
            // The unread rest of the body would be taken for the next request.
            request.response().putHeader("Connection", "close");
            throw new ClientErrorException(tooLarge(max), 413);
        }
    }

    /**
     * Returns the length of the body that a checked request states: 0 if there is no body, -1 if its length is not stated.
     */
    public static long stated(HttpServerRequest request) {
        String stated = request.getHeader("Content-Length");
        if (stated != null) {
            return Long.parseLong(stated.trim());
        }
        return request.getHeader("Transfer-Encoding") == null
                        && request.version().alpnName().startsWith("http/1")
                ? 0
                : -1;
    }

    public static String tooLarge(MemorySize max) {
        return "the body is larger than " + max.asLongValue() + " bytes";
    }
}
