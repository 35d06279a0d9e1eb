package io.sluice.saas.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.webhook.Webhooks;
import io.sluice.webhook.Webhooks.Verdict;
import io.sluice.webhook.WebhooksConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportingWebhooksTest {
    private static final byte[] BODY = ("{\"event_id\":\"01E2EMRMM6TZ12TF9WGZN0WJQT\",\"metric\":\"sent\","
                    + "\"object_type\":\"email\",\"data\":{\"delivery_id\":\"RPILAgABcRhIBqSrYcZm\"}}")
            .getBytes(StandardCharsets.UTF_8);
    private static final String TIMESTAMP = "1767225600";
    private static final String SIGNATURE = "0b75528a12c0dd65e74ec0da4ea0a4e14cbf4852457ae274d3a7566995e01461";

    @Test
    void knows_the_signature_of_the_sheet() {
        assertThat(verdict(at(0), "default", TIMESTAMP, SIGNATURE, BODY)).isEqualTo(Verdict.DONE);
        assertThat(verdict(at(0), "default", TIMESTAMP, SIGNATURE.toUpperCase(java.util.Locale.ROOT), BODY))
                .isEqualTo(Verdict.DONE);
    }

    @Test
    void knows_a_signature_by_either_of_two_keys() {
        assertThat(verdict(at(0), "both", TIMESTAMP, SIGNATURE, BODY)).isEqualTo(Verdict.DONE);
    }

    @ParameterizedTest
    @ValueSource(longs = {-301, 301})
    void refuses_what_was_signed_long_ago_or_in_the_future(long seconds) {
        assertThat(verdict(at(seconds), "default", TIMESTAMP, SIGNATURE, BODY))
                .isEqualTo(Verdict.TIMESTAMP_OUT_OF_TOLERANCE);
    }

    @Test
    void refuses_whatever_else_is_wrong() {
        byte[] other = BODY.clone();
        other[10]++;

        assertThat(verdict(at(0), "default", TIMESTAMP, SIGNATURE, other)).isEqualTo(Verdict.INVALID_SIGNATURE);
        assertThat(verdict(at(0), "default", "1767225601", SIGNATURE, BODY)).isEqualTo(Verdict.INVALID_SIGNATURE);
        assertThat(verdict(at(0), "default", "soon", SIGNATURE, BODY)).isEqualTo(Verdict.INVALID_SIGNATURE);
        assertThat(verdict(at(0), "default", TIMESTAMP, null, BODY)).isEqualTo(Verdict.INVALID_SIGNATURE);
        assertThat(verdict(at(0), "keyless", TIMESTAMP, SIGNATURE, BODY)).isEqualTo(Verdict.INVALID_SIGNATURE);
        assertThat(verdict(at(0), "nobody", TIMESTAMP, SIGNATURE, BODY)).isEqualTo(Verdict.INVALID_SIGNATURE);
    }

    @Test
    void keeps_an_event_by_its_id_and_whatever_else_is_signed_by_its_digest() {
        byte[] text = "no\nJSON".getBytes(StandardCharsets.UTF_8);

        assertThat(receive(at(0), "default", TIMESTAMP, SIGNATURE, BODY).event())
                .contains(new Webhooks.StoredEvent(
                        "01E2EMRMM6TZ12TF9WGZN0WJQT", new String(BODY, StandardCharsets.UTF_8), Duration.ofDays(7)));
        assertThat(receive(at(0), "default", TIMESTAMP, signed(text), text).event())
                .hasValueSatisfying(kept -> {
                    assertThat(kept.json()).isEqualTo("\"no\\nJSON\"");
                    assertThat(kept.id()).hasSize(64);
                });
        assertThat(at(0).accounts()).containsExactlyInAnyOrder("default", "both");
        assertThat(at(0).vendor()).isEqualTo("customerio");
    }

    private static Verdict verdict(
            ReportingWebhooks webhooks, String account, String timestamp, @Nullable String signature, byte[] body) {
        Webhooks.Reception reception = receive(webhooks, account, timestamp, signature, body);
        assertThat(reception.event().isPresent())
                .as("a refused message has no event")
                .isEqualTo(!reception.verdict().refused());
        return reception.verdict();
    }

    private static Webhooks.Reception receive(
            ReportingWebhooks webhooks, String account, String timestamp, @Nullable String signature, byte[] body) {
        return webhooks.receive(account, name -> name.equals("X-CIO-Timestamp") ? timestamp : signature, body);
    }

    private static String signed(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec("cio-test-signing-key".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update(("v0:" + TIMESTAMP + ":").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static ReportingWebhooks at(long secondsAfter) {
        String account = "sluice.customerio.accounts.";
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(CustomerioConfig.class)
                .withMapping(WebhooksConfig.class)
                .withSources(new PropertiesConfigSource(
                        Map.of(
                                account + "default.webhook-key",
                                "cio-test-signing-key",
                                account + "both.webhook-key",
                                "new,cio-test-signing-key",
                                account + "keyless.app-api-key",
                                "x"),
                        "test",
                        100))
                .build();
        return new ReportingWebhooks(
                config.getConfigMapping(CustomerioConfig.class),
                config.getConfigMapping(WebhooksConfig.class),
                InstantSource.fixed(Instant.ofEpochSecond(1_767_225_600 + secondsAfter)));
    }
}
