package io.sluice.vendor.customerio;

import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Knows Customer.io's reporting webhooks by their signature: an HMAC-SHA256, in hex, of {@code v0:TIMESTAMP:BODY}. The
 * OpenAPI document names no encoding and no tolerance; both are as with comparable webhooks. Thread-safe.
 */
@Singleton
public class ReportingWebhooks {
    private static final String ALGORITHM = "HmacSHA256";

    private final CustomerioConfig config;
    private final InstantSource clock;

    ReportingWebhooks(CustomerioConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    /** Whether an account has a key to check signatures with. */
    public boolean expected(String account) {
        return !keys(account).isEmpty();
    }

    /** How long events are kept. */
    public Duration kept() {
        return config.keepWebhooks();
    }

    /** Whether the body was signed with one of the account's keys, and lately. */
    public boolean genuine(String account, @Nullable String timestamp, @Nullable String signature, byte[] body) {
        if (timestamp == null || signature == null || !lately(timestamp)) {
            return false;
        }
        byte[] given = signature.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
        boolean genuine = false;
        for (String key : keys(account)) {
            byte[] right = HexFormat.of().formatHex(sign(key, timestamp, body)).getBytes(StandardCharsets.US_ASCII);
            genuine |= MessageDigest.isEqual(right, given);
        }
        return genuine;
    }

    private List<String> keys(String account) {
        return Optional.ofNullable(config.accounts().get(account))
                .flatMap(CustomerioConfig.Account::webhookKey)
                .orElse(List.of());
    }

    private boolean lately(String timestamp) {
        try {
            Instant signed = Instant.ofEpochSecond(Long.parseLong(timestamp.strip()));
            return Duration.between(signed, clock.instant()).abs().compareTo(config.webhookTolerance()) <= 0;
        } catch (NumberFormatException | java.time.DateTimeException e) {
            return false;
        }
    }

    private static byte[] sign(String key, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            mac.update(("v0:" + timestamp.strip() + ":").getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256, and a configured key is never empty", e);
        }
    }
}
