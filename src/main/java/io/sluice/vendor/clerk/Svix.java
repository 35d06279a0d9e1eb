package io.sluice.vendor.clerk;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The webhook signatures of Svix, which sends Clerk's webhooks: HMAC-SHA256 of {@code id.timestamp.body}, in base64. A
 * message may have several, by several keys, and its headers begin with {@code svix-} or {@code webhook-}. Immutable.
 */
final class Svix {
    private static final String SECRET = "whsec_";
    private static final String VERSION = "v1,";
    private static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys;

    /**
     * @param secrets as Clerk's dashboard shows them, {@code whsec_} and base64
     * @throws IllegalArgumentException if one is malformed
     */
    Svix(List<String> secrets) {
        keys = secrets.stream().map(Svix::key).toList();
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
        boolean signed = false;
        for (SecretKeySpec key : keys) {
            byte[] expected = sign(key, id + "." + timestamp + ".", body);
            for (String signature : signatures.split(" ", -1)) {
                // Every signature is compared, so that the time taken reveals nothing.
                signed |= signature.startsWith(VERSION)
                        && MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8));
            }
        }
        return signed
                ? Optional.of(new Message(id, Instant.ofEpochSecond(Long.parseLong(timestamp))))
                : Optional.empty();
    }

    private static @Nullable String either(Function<String, @Nullable String> header, String name) {
        String value = header.apply("svix-" + name);
        return value == null ? header.apply("webhook-" + name) : value;
    }

    private static byte[] sign(SecretKeySpec key, String head, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(head.getBytes(StandardCharsets.UTF_8));
            mac.update(body);
            return (VERSION + Base64.getEncoder().encodeToString(mac.doFinal())).getBytes(StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static SecretKeySpec key(String secret) {
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
        return new SecretKeySpec(bytes, ALGORITHM);
    }
}
