package io.sluice.vendor.customerio;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.sluice.Sha256;
import io.sluice.vendor.Webhooks;
import io.sluice.vendor.WebhooksConfig;
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
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Customer.io's reporting webhooks, which teams read. Customer.io waits four seconds for an answer, and keeps all later
 * messages back behind one that fails: so an event is stored, answered, and nothing else. Messages are verified by
 * their signature: an HMAC-SHA256, in hex, of {@code v0:TIMESTAMP:BODY}. The OpenAPI document names no encoding and no
 * tolerance; both are as with comparable webhooks. Thread-safe.
 */
@Singleton
public class ReportingWebhooks implements Webhooks {
    private static final String ALGORITHM = "HmacSHA256";

    private final CustomerioConfig config;
    private final WebhooksConfig webhooks;
    private final InstantSource clock;

    ReportingWebhooks(CustomerioConfig config, WebhooksConfig webhooks, InstantSource clock) {
        this.config = config;
        this.webhooks = webhooks;
        this.clock = clock;
    }

    @Override
    public String vendor() {
        return Customerio.NAME;
    }

    @Override
    public Set<String> accounts() {
        return config.accounts().keySet().stream()
                .filter(account -> !keys(account).isEmpty())
                .collect(Collectors.toSet());
    }

    @Override
    public Verdict receive(String account, Function<String, @Nullable String> header, byte[] body) {
        String timestamp = header.apply("X-CIO-Timestamp");
        String signature = header.apply("X-CIO-Signature");
        if (timestamp == null || signature == null || !signed(account, timestamp, signature, body)) {
            return Verdict.INVALID_SIGNATURE;
        }
        if (!lately(timestamp)) {
            return Verdict.TIMESTAMP_OUT_OF_TOLERANCE;
        }
        return Json.object(body).isPresent() ? Verdict.DONE : Verdict.UNREADABLE;
    }

    /** A genuine message is stored even if it is no JSON: refusing it would hold up all later ones. */
    @Override
    public Optional<StoredEvent> eventToStore(byte[] body) {
        Optional<ObjectNode> event = Json.object(body);
        String id = event.flatMap(object -> Json.name(object, "event_id")).orElseGet(() -> Sha256.hex(body));
        String json =
                Json.text(event.isPresent() ? event.get() : TextNode.valueOf(new String(body, StandardCharsets.UTF_8)));
        return Optional.of(new StoredEvent(id, json, config.webhookRetention()));
    }

    private boolean signed(String account, String timestamp, String signature, byte[] body) {
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
            return Duration.between(signed, clock.instant()).abs().compareTo(webhooks.tolerance()) <= 0;
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
