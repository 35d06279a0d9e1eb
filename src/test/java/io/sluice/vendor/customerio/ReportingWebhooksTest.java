package io.sluice.vendor.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
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
        assertThat(at(0).genuine("default", TIMESTAMP, SIGNATURE, BODY)).isTrue();
        assertThat(at(0).genuine("default", TIMESTAMP, SIGNATURE.toUpperCase(java.util.Locale.ROOT), BODY))
                .isTrue();
    }

    @Test
    void knows_a_signature_by_either_of_two_keys() {
        assertThat(at(0).genuine("both", TIMESTAMP, SIGNATURE, BODY)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {-301, 301})
    void refuses_what_was_signed_long_ago_or_in_the_future(long seconds) {
        assertThat(at(seconds).genuine("default", TIMESTAMP, SIGNATURE, BODY)).isFalse();
    }

    @Test
    void refuses_whatever_else_is_wrong() {
        byte[] other = BODY.clone();
        other[10]++;

        assertThat(at(0).genuine("default", TIMESTAMP, SIGNATURE, other)).isFalse();
        assertThat(at(0).genuine("default", "1767225601", SIGNATURE, BODY)).isFalse();
        assertThat(at(0).genuine("default", "soon", SIGNATURE, BODY)).isFalse();
        assertThat(at(0).genuine("default", TIMESTAMP, null, BODY)).isFalse();
        assertThat(at(0).genuine("keyless", TIMESTAMP, SIGNATURE, BODY)).isFalse();
        assertThat(at(0).genuine("nobody", TIMESTAMP, SIGNATURE, BODY)).isFalse();
    }

    private static ReportingWebhooks at(long secondsAfter) {
        String account = "sluice.customerio.accounts.";
        CustomerioConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(CustomerioConfig.class)
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
                .build()
                .getConfigMapping(CustomerioConfig.class);
        return new ReportingWebhooks(config, InstantSource.fixed(Instant.ofEpochSecond(1_767_225_600 + secondsAfter)));
    }
}
