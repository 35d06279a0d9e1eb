package io.sluice.saas.clerk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SvixTest {
    private static final String SECRET = "whsec_Z2F0ZXdheS10ZXN0LXNpZ25pbmcta2V5LTAwMDAwMDA=";
    private static final String OTHER = "whsec_b3RoZXI=";
    private static final String BODY = "{\"data\":{\"id\":\"user_1\",\"object\":\"user\"},\"object\":\"event\","
            + "\"type\":\"user.updated\",\"timestamp\":1767225600000,\"instance_id\":\"ins_1\"}";
    private static final String SIGNATURE = "v1,n+NFIJSVGHwK3uFQCadxxq0Mwgv55z745u0vARog2No=";
    private static final Instant SENT = Instant.ofEpochSecond(1767225600);

    private final Map<String, String> headers = new HashMap<>(Map.of(
            "svix-id", "msg_test_0001",
            "svix-timestamp", "1767225600",
            "svix-signature", SIGNATURE));

    @Test
    void the_vector_of_the_fact_sheet_is_right() {
        assertThat(verify(SECRET)).contains(new Svix.Message("msg_test_0001", SENT));
    }

    @Test
    void the_other_spelling_of_the_headers_is_right() {
        for (String name : List.of("id", "timestamp", "signature")) {
            headers.put("webhook-" + name, headers.remove("svix-" + name));
        }

        assertThat(verify(SECRET)).isPresent();
    }

    @Test
    void one_right_signature_of_several_suffices() {
        headers.put("svix-signature", "v2,x v1,d3Jvbmc= " + SIGNATURE + " v1a,y");

        assertThat(verify(SECRET)).isPresent();
    }

    @Test
    void two_secrets_are_valid_while_one_replaces_the_other() {
        assertThat(verify(OTHER, SECRET)).isPresent();
        assertThat(verify(SECRET, OTHER)).isPresent();
        assertThat(verify(OTHER)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"svix-id", "svix-timestamp", "svix-signature"})
    void what_is_signed_must_be_there_and_as_it_was(String header) {
        String before = headers.put(header, header.equals("svix-timestamp") ? "1767225601" : "msg_test_0002");
        assertThat(verify(SECRET)).isEmpty();

        headers.remove(header);
        assertThat(verify(SECRET)).isEmpty();

        headers.put(header, String.valueOf(before));
        assertThat(verify(SECRET)).isPresent();
        assertThat(new Svix(List.of(SECRET)).verify(headers::get, (BODY + " ").getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "now", "-1767225600", "17672256000000000000000000"})
    void a_timestamp_that_is_none_is_wrong(String timestamp) {
        headers.put("svix-timestamp", timestamp);

        assertThat(verify(SECRET)).isEmpty();
    }

    @Test
    void a_signature_of_another_version_is_none() {
        headers.put("svix-signature", SIGNATURE.replace("v1,", "v2,"));

        assertThat(verify(SECRET)).isEmpty();
    }

    @Test
    void a_message_is_timely_five_minutes_before_and_after() {
        Svix.Message message = new Svix.Message("msg", SENT);
        Duration tolerance = Duration.ofMinutes(5);

        assertThat(message.timely(SENT.plusSeconds(300), tolerance)).isTrue();
        assertThat(message.timely(SENT.minusSeconds(300), tolerance)).isTrue();
        assertThat(message.timely(SENT.plusSeconds(301), tolerance)).isFalse();
        assertThat(message.timely(SENT.minusSeconds(301), tolerance)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secret", "whsec_", "whsec_not base64!", "Z2F0ZXdheQ=="})
    void a_secret_that_is_none_is_refused_without_being_named(String secret) {
        assertThatThrownBy(() -> new Svix(List.of(secret)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("must")
                .hasMessageNotContaining("Z2F0");
    }

    private Optional<Svix.Message> verify(String... secrets) {
        return new Svix(List.of(secrets)).verify(headers::get, BODY.getBytes(StandardCharsets.UTF_8));
    }
}
