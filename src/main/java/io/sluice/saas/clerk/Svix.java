package io.sluice.saas.clerk;

import io.sluice.webhook.HmacSignature;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The webhook signatures of Svix, which sends Clerk's webhooks: HMAC-SHA256 of {@code id.timestamp.body}, in base64. A
 * message may have several, by several keys, and its headers begin with {@code svix-} or {@code webhook-}. Immutable.
 */
final class Svix {
    private static final String SECRET = "whsec_";
    private static final String VERSION = "v1,";

    private final HmacSignature hmac;

    /**
     * @param secrets as Clerk's dashboard shows them, {@code whsec_} and base64
     * @throws IllegalArgumentException if one is malformed
     */
    Svix(List<String> secrets) {
        hmac = new HmacSignature(secrets.stream().map(Svix::key).toList());
    }

    /**
     * A message with a valid signature.
     *
     * @param sent when it was signed
     */
    record Message(String id, Instant sent) {
        /** True if its timestamp is within the tolerance of now. */
        boolean timely(Instant now, Duration tolerance) {
            return Duration.between(sent, now).abs().compareTo(tolerance) <= 0;
        }
    }

    /** Verifies a message; empty if no signature is valid. */
    Optional<Message> verify(Function<String, @Nullable String> header, byte[] body) {
        String id = either(header, "id");
        String timestamp = either(header, "timestamp");
        String signatures = either(header, "signature");
        if (id == null || timestamp == null || signatures == null || !timestamp.matches("\\d{1,11}")) {
            return Optional.empty();
        }
        List<byte[]> given = Stream.of(signatures.split(" ", -1))
                .filter(signature -> signature.startsWith(VERSION))
                .flatMap(signature -> decoded(signature.substring(VERSION.length())).stream())
                .toList();
        boolean signed = hmac.matches((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8), body, given);
        return signed
                ? Optional.of(new Message(id, Instant.ofEpochSecond(Long.parseLong(timestamp))))
                : Optional.empty();
    }

    private static @Nullable String either(Function<String, @Nullable String> header, String name) {
        String value = header.apply("svix-" + name);
        return value == null ? header.apply("webhook-" + name) : value;
    }

    /** The bytes of a signature; empty if it is malformed. */
    private static Optional<byte[]> decoded(String signature) {
        try {
            return Optional.of(Base64.getDecoder().decode(signature));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] key(String secret) {
        String trimmed = secret.strip();
        if (!trimmed.startsWith(SECRET)) {
            throw new IllegalArgumentException("must begin with " + SECRET);
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(trimmed.substring(SECRET.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be base64 after " + SECRET, e);
        }
        if (bytes.length == 0) {
            throw new IllegalArgumentException("must not be empty after " + SECRET);
        }
        return bytes;
    }
}
