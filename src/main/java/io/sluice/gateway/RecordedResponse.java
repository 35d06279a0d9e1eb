package io.sluice.gateway;

import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.CredentialStates;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.idempotency.StoredResponse;
import io.sluice.problem.GatewayError;
import io.sluice.saas.ErrorShape;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A recorded response that can be replayed.
 *
 * @param body its text, empty if it was too long to keep
 * @param unknown whether the vendor may have executed the request although the response does not say so
 */
record RecordedResponse(int status, @Nullable String contentType, String body, boolean unknown) {
    /**
     * A reply that is forwarded, and its record: null if its caller left before the call was made, or if the vendor
     * refused the company's credential, since the same call may be executed as soon as that is corrected.
     */
    record Recording(Reply reply, @Nullable RecordedResponse recorded) {}

    /**
     * Reads the response of a reply to its end; waits for it.
     *
     * @param call the call that is replied to
     * @param largest how many bytes of its body are kept
     */
    static Recording of(Reply reply, MountCall call, int largest) {
        return switch (reply) {
            case Reply.ClientGone _ -> new Recording(reply, null);
            case Reply.Replayed(RecordedResponse recorded) -> new Recording(reply, recorded);
            case Reply.Accepted accepted ->
                new Recording(
                        reply,
                        new RecordedResponse(accepted.status(), MediaType.APPLICATION_JSON, accepted.json(), false));
            case Reply.Refused(GatewayError error, boolean unknown) -> new Recording(reply, of(error, unknown, call));
            case Reply.Served served -> of(served, call, largest);
        };
    }

    private static Recording of(Reply.Served served, MountCall call, int largest) {
        return switch (served.result()) {
            case Result.Answered(VendorResponse answer, boolean unknown) -> of(served, answer, unknown, call, largest);
            case Result.Shed _, Result.Failed _ ->
                new Recording(
                        served,
                        of(served.error(call).orElseThrow(), served.result().unknown(), call));
        };
    }

    private static Recording of(
            Reply.Served served, VendorResponse answer, boolean unknown, MountCall call, int largest) {
        if (CredentialStates.isRefusal(call.request(), answer)) {
            return new Recording(served, null);
        }
        String type = answer.headers().getFirst(HttpHeaders.CONTENT_TYPE);
        Optional<BufferedResponse> whole;
        try {
            whole = answer.readAll(largest);
        } catch (IOException brokenOff) {
            // The caller's connection is broken off in turn, as if it had been forwarded meanwhile.
            VendorResponse broken = VendorResponse.of(answer.status(), answer.headers(), new BrokenBody(brokenOff));
            return new Recording(
                    served.with(new Result.Answered(broken, unknown)),
                    new RecordedResponse(answer.status(), type, "", true));
        }
        String text = whole.map(buffered -> new String(buffered.body(), StandardCharsets.UTF_8))
                .orElse("");
        RecordedResponse recorded = new RecordedResponse(answer.status(), type, text, unknown);
        if (whole.isEmpty()) {
            return new Recording(served, recorded);
        }
        Call made = served.made();
        if (made != null) {
            made.attempts().finished();
        }
        return new Recording(
                served.with(new Result.Answered(
                        VendorResponse.of(
                                answer.status(), answer.headers(), whole.get().body()),
                        unknown)),
                recorded);
    }

    /** A body that broke off before any of it was forwarded. */
    private static final class BrokenBody extends InputStream {
        private final IOException cause;

        BrokenBody(IOException cause) {
            this.cause = cause;
        }

        @Override
        public int read() throws IOException {
            throw cause;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            throw cause;
        }
    }

    /** Returns the record of a call that broke off within Sluice, perhaps after it was sent. */
    static RecordedResponse brokenOff() {
        return new RecordedResponse(500, null, "", true);
    }

    private static RecordedResponse of(GatewayError error, boolean unknown, MountCall call) {
        ErrorShape.Body body = ErrorResponses.body(call.mounted(), error);
        return new RecordedResponse(error.status(), body.contentType(), body.text(), unknown);
    }

    /** Returns the response that the store has. */
    static RecordedResponse of(StoredResponse stored) {
        return new RecordedResponse(
                stored.status(), stored.contentType().orElse(null), stored.body(), stored.unknown());
    }

    /** Returns the response as the store keeps it. */
    StoredResponse stored() {
        return new StoredResponse(status, Optional.ofNullable(contentType), body, unknown);
    }

    /** Returns true if the request is safe to repeat, because it surely was not executed. */
    boolean safeToRepeat() {
        // 502 with a known outcome: no connection could be made. The outcome of a vendor's own 502 is always unknown.
        return (status == 429 || status == 502) && !unknown;
    }
}
