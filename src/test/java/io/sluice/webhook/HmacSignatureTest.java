package io.sluice.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** HMAC-SHA256, by the test vectors of RFC 4231. */
class HmacSignatureTest {
    private static final byte[] KEY = bytes("Jefe");
    private static final byte[] SIGNATURE =
            HexFormat.of().parseHex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

    @Test
    void head_and_body_are_signed_as_one_message() {
        HmacSignature signature = new HmacSignature(List.of(KEY));

        assertThat(signature.matches(bytes("what do ya "), bytes("want for nothing?"), List.of(SIGNATURE)))
                .isTrue();
        assertThat(signature.matches(bytes("what do ya "), bytes("want for nothing!"), List.of(SIGNATURE)))
                .isFalse();
    }

    @Test
    void one_right_signature_by_one_of_the_keys_is_enough() {
        HmacSignature two = new HmacSignature(List.of(bytes("another"), KEY));
        byte[] head = bytes("what do ya want for nothing?");

        assertThat(two.matches(head, new byte[0], List.of(new byte[32], SIGNATURE)))
                .isTrue();
        assertThat(two.matches(head, new byte[0], List.of(new byte[32]))).isFalse();
        assertThat(two.matches(head, new byte[0], List.of())).isFalse();
        assertThat(new HmacSignature(List.of()).matches(head, new byte[0], List.of(SIGNATURE)))
                .isFalse();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
