package io.sluice.saas.customerio.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SizeLimitsTest {
    @Test
    void a_single_operation_may_have_just_32_kilobytes() {
        assertThat(SizeLimits.single(32 * 1024)).isEmpty();
        assertThat(SizeLimits.single(32 * 1024 + 1))
                .hasValueSatisfying(what -> assertThat(what).contains("32768", "32769"));
    }

    @Test
    void a_batch_may_have_500_kilobytes_and_each_of_its_operations_32() {
        assertThat(SizeLimits.batch(500 * 1024, new byte[0])).isEmpty();
        assertThat(SizeLimits.batch(500 * 1024 + 1, new byte[0])).isPresent();
        assertThat(batch("x".repeat(20_000), "y".repeat(20_000))).isEmpty();
        assertThat(batch("x", "y".repeat(33_000))).isPresent();
    }

    private static java.util.Optional<String> batch(String... texts) {
        byte[] bytes = ("{\"batch\":[{\"a\":\"" + String.join("\"},{\"a\":\"", texts) + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        return SizeLimits.batch(bytes.length, bytes);
    }
}
