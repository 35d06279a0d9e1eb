package io.sluice.gateway;

import io.sluice.idempotency.StoredResponse;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A recorded response that can be replayed.
 *
 * @param body its text, empty if it was too long to keep
 * @param unknown whether the vendor may have executed the request although the response does not say so
 */
record RecordedResponse(int status, Optional<String> contentType, String body, boolean unknown) {
    private static final String REPLAYED = "Sluice-Replayed";

    /**
     * A response that is forwarded, and its record: empty if its caller left before the call was made, or if the vendor
     * refused the company's credential, since the same call may be executed as soon as that is corrected.
     */
    record Recording(Response response, Optional<RecordedResponse> recorded) {}

    /**
     * Reads a response to its end.
     *
     * @param largest how many bytes of its body are kept
     */
    static Recording of(Response response, int largest) {
        String outcome = response.getHeaderString(OutcomeHeader.NAME);
        if (response.getStatus() == MountResource.CLIENT_CLOSED_REQUEST
                || OutcomeHeader.CREDENTIAL_REFUSED.equals(outcome)) {
            return new Recording(response, Optional.empty());
        }
        boolean unknown = OutcomeHeader.UNKNOWN.equals(outcome);
        if (!(response.getEntity() instanceof InputStream stream)) {
            String text =
                    response.getEntity() == null ? "" : response.getEntity().toString();
            return new Recording(response, Optional.of(of(response, text, unknown)));
        }
        byte[] start;
        int next;
        try {
            start = stream.readNBytes(largest);
            next = start.length < largest ? -1 : stream.read();
        } catch (IOException e) {
            return new Recording(response, Optional.of(of(response, "", true)));
        }
        InputStream whole = new ByteArrayInputStream(start);
        if (next >= 0) {
            InputStream one = new ByteArrayInputStream(new byte[] {(byte) next});
            whole = new SequenceInputStream(new SequenceInputStream(whole, one), stream);
        }
        String text = next >= 0 ? "" : new String(start, StandardCharsets.UTF_8);
        return new Recording(
                Response.fromResponse(response).entity(whole).build(), Optional.of(of(response, text, unknown)));
    }

    /** Returns the record of a call that broke off within Sluice, perhaps after it was sent. */
    static RecordedResponse brokenOff() {
        return new RecordedResponse(500, Optional.empty(), "", true);
    }

    private static RecordedResponse of(Response response, String text, boolean unknown) {
        return new RecordedResponse(
                response.getStatus(),
                Optional.ofNullable(response.getHeaderString(HttpHeaders.CONTENT_TYPE)),
                text,
                unknown);
    }

    /** Returns the response that the store has. */
    static RecordedResponse of(StoredResponse stored) {
        return new RecordedResponse(stored.status(), stored.contentType(), stored.body(), stored.unknown());
    }

    /** Returns the response as the store keeps it. */
    StoredResponse stored() {
        return new StoredResponse(status, contentType, body, unknown);
    }

    /** Returns true if the request is safe to repeat, because it surely was not executed. */
    boolean safeToRepeat() {
        // 502 with a known outcome: no connection could be made. The outcome of a vendor's own 502 is always unknown.
        return (status == 429 || status == 502) && !unknown;
    }

    /** Returns the response for a repetition. */
    Response replay() {
        Response.ResponseBuilder response = Response.status(status).entity(body).header(REPLAYED, "true");
        contentType.ifPresent(type -> response.header(HttpHeaders.CONTENT_TYPE, type));
        if (unknown) {
            response.header(OutcomeHeader.NAME, OutcomeHeader.UNKNOWN);
        }
        return response.build();
    }
}
