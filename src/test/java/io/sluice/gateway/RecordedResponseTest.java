package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.call.Body;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.gateway.RecordedResponse.Recording;
import io.sluice.problem.GatewayError;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is recorded of the replies to calls that may be repeated. */
class RecordedResponseTest extends IdempotencyCalls {
    private static final int LARGEST = 10;

    private final MountCall call = incoming(SEND, new Body.None(), Map.of());

    @ParameterizedTest
    @CsvSource({"0123456789, 0123456789", "01234567890, ''"})
    void a_body_is_recorded_up_to_so_many_bytes_and_forwarded_whole(String body, String recorded) throws IOException {
        Recording recording = record(answered(200, stream(body), false));

        assertThat(recording.recorded()).isEqualTo(new RecordedResponse(200, "text/plain", recorded, false));
        assertThat(body(recording)).hasContent(body);
    }

    @Test
    void a_response_that_breaks_off_has_an_unknown_outcome_and_breaks_off_for_the_caller() throws IOException {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("reset");
            }

            @Override
            public int read(byte[] into, int from, int most) throws IOException {
                return read();
            }
        };

        Recording recording = record(answered(200, new SequenceInputStream(stream("begun"), broken), false));

        assertThat(recording.recorded()).isEqualTo(new RecordedResponse(200, "text/plain", "", true));
        assertThatThrownBy(() -> body(recording).readAllBytes()).hasMessage("reset");
    }

    @Test
    void an_error_of_sluice_is_recorded_as_it_is_rendered() {
        Recording failed = record(new Result.Failed(Result.Cause.CONNECTION_LOST, true));
        Recording busy = RecordedResponse.of(call.busy("full", Duration.ofSeconds(1)), call, LARGEST);

        assertThat(failed.recorded())
                .isEqualTo(new RecordedResponse(502, "text/plain", "Sluice: the connection to the vendor broke", true));
        assertThat(busy.recorded())
                .isNotNull()
                .satisfies(response -> assertThat(response.safeToRepeat()).isTrue());
    }

    @Test
    void an_accepted_call_is_recorded_with_its_delivery() {
        assertThat(RecordedResponse.of(new Reply.Accepted("dlv_1", true, "{}"), call, LARGEST)
                        .recorded())
                .isEqualTo(new RecordedResponse(
                        202, "application/json", "{\"id\":\"dlv_1\",\"state\":\"queued\"}", false));
    }

    @Test
    void what_may_go_better_at_once_is_not_recorded() {
        Reply refusal = VendorExchange.served(call.call(), answered(401, stream("no"), false));

        assertThat(RecordedResponse.of(refusal, call, LARGEST).recorded()).isNull();
        assertThat(RecordedResponse.of(new Reply.ClientGone(), call, LARGEST).recorded())
                .isNull();
    }

    @Test
    void an_unknown_outcome_of_a_refusal_is_recorded() {
        Reply refused = new Reply.Refused(GatewayError.of(409, GatewayError.Code.BAD_REQUEST, "unknown", "req"), true);

        assertThat(RecordedResponse.of(refused, call, LARGEST).recorded())
                .isNotNull()
                .satisfies(response -> assertThat(response.unknown()).isTrue());
    }

    private Recording record(Result result) {
        return RecordedResponse.of(VendorExchange.served(call.call(), result), call, LARGEST);
    }

    private static Result answered(int status, InputStream body, boolean unknown) {
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.putSingle(HttpHeaders.CONTENT_TYPE, "text/plain");
        return new Result.Answered(VendorResponse.of(status, headers, body), unknown);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static InputStream body(Recording recording) {
        return ((Result.Answered) ((Reply.Served) recording.reply()).result())
                .answer()
                .body();
    }
}
