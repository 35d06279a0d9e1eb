package io.sluice.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.sluice.budget.Decision;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An error of Sluice's own API (RFC 9457).
 *
 * @param type the kind of the problem; stable
 * @param title the kind in words
 * @param detail the cause in this case
 * @param retryAfterMs when asking again may help, for a request that is refused for now
 * @param limit the limit that holds the request back
 * @param refusedBy what refuses the request for now: {@code limit}, {@code pause} or {@code circuit_breaker}
 * @param callsAhead how many of that limit's permits go to calls that go first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@RegisterForReflection
public record Problem(
        String type,
        String title,
        int status,
        @Nullable String detail,
        @JsonProperty("request_id") String requestId,
        @JsonProperty("retry_after_ms") @Nullable Long retryAfterMs,
        @JsonProperty("refused_by") @Nullable String refusedBy,
        @Nullable String limit,
        @JsonProperty("calls_ahead") @Nullable Long callsAhead) {
    public static final String MEDIA_TYPE = "application/problem+json";
    /** The prefix of every type. */
    public static final String TYPES = "urn:sluice:problem:";

    /** The kinds of problems. */
    public enum Kind {
        BAD_REQUEST(400, "Bad request"),
        MALFORMED_JSON(400, "Malformed JSON"),
        UNAUTHENTICATED(401, "No valid team key"),
        UNAUTHENTICATED_WEBHOOK(401, "Not the vendor's webhook"),
        FORBIDDEN(403, "Not allowed"),
        QUOTA_EXCEEDED(403, "A quota of the vendor is used up"),
        NOT_FOUND(404, "Not found"),
        METHOD_NOT_ALLOWED(405, "Method not allowed"),
        NOT_ACCEPTABLE(406, "Not acceptable"),
        CONFLICT(409, "Conflict"),
        GONE(410, "Gone"),
        LENGTH_REQUIRED(411, "Length required"),
        TOO_LARGE(413, "Too large"),
        UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
        RANGE_NOT_SATISFIABLE(416, "Nothing in that range"),
        INVALID(422, "Invalid"),
        IDEMPOTENCY_KEY_REUSED(422, "Idempotency-Key used for another request"),
        VENDOR_REFUSED(422, "Refused by the vendor"),
        TOO_MANY_REQUESTS(429, "Too many requests"),
        INTERNAL(500, "Internal error"),
        VENDOR_FAILED(502, "The vendor failed"),
        CREDENTIAL_REFUSED(502, "The vendor refuses the company's credential"),
        UNAVAILABLE(503, "Not available now"),
        VENDOR_TIMEOUT(504, "The vendor did not answer in time");

        private final int status;
        private final String title;

        Kind(int status, String title) {
            this.status = status;
            this.title = title;
        }

        public String type() {
            return TYPES + name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public int status() {
            return status;
        }

        public String title() {
            return title;
        }

        public Problem with(@Nullable String detail, String requestId) {
            return new Problem(type(), title, status, detail, requestId, null, null, null, null);
        }
    }

    /** Returns the same problem for a request that may be repeated. */
    Problem retryable(
            Duration after, Decision.@Nullable Bottleneck bottleneck, GatewayError.@Nullable Refusal refusal) {
        return new Problem(
                type,
                title,
                status,
                detail,
                requestId,
                after.toMillis(),
                refusal == null ? null : refusal.tag(),
                bottleneck == null ? null : bottleneck.limit(),
                bottleneck == null ? null : bottleneck.ahead());
    }

    public Response response() {
        return Response.status(status)
                .header(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                .entity(this)
                .build();
    }
}
