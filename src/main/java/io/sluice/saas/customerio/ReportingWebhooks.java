package io.sluice.saas.customerio;

import com.fasterxml.jackson.databind.node.TextNode;
import io.sluice.Sha256;
import io.sluice.webhook.HmacSignature;
import io.sluice.webhook.Webhooks;
import io.sluice.webhook.WebhooksConfig;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Customer.io's reporting webhooks, which teams read. Customer.io waits four seconds for an answer, and keeps all later
 * messages back behind one that fails: so an event is stored, answered, and nothing else. Messages are verified by
 * their signature: an HMAC-SHA256, in hex, of {@code v0:TIMESTAMP:BODY}. The OpenAPI document names no encoding and no
 * tolerance; both are as with comparable webhooks. Thread-safe.
 */
@Singleton
public class ReportingWebhooks implements Webhooks {
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
    public Reception receive(String account, Function<String, @Nullable String> header, byte[] body) {
        String timestamp = header.apply("X-CIO-Timestamp");
        String signature = header.apply("X-CIO-Signature");
        if (timestamp == null || signature == null || !isSigned(account, timestamp, signature, body)) {
            return new Reception(Verdict.INVALID_SIGNATURE);
        }
        if (!lately(timestamp)) {
            return new Reception(Verdict.TIMESTAMP_OUT_OF_TOLERANCE);
        }
        // A genuine message is stored even if it is no JSON: refusing it would hold up all later ones.
        return CustomerioJson.object(body)
                .map(event -> new Reception(
                        Verdict.DONE,
                        Optional.of(event(
                                CustomerioJson.name(event, "event_id").orElseGet(() -> Sha256.hex(body)),
                                CustomerioJson.text(event)))))
                .orElseGet(() -> new Reception(
                        Verdict.UNREADABLE,
                        Optional.of(event(
                                Sha256.hex(body),
                                CustomerioJson.text(TextNode.valueOf(new String(body, StandardCharsets.UTF_8)))))));
    }

    private StoredEvent event(String id, String json) {
        return new StoredEvent(id, json, config.webhookRetention());
    }

    private boolean isSigned(String account, String timestamp, String signature, byte[] body) {
        byte[] given;
        try {
            given = HexFormat.of().parseHex(signature.strip());
        } catch (IllegalArgumentException malformed) {
            return false;
        }
        return new HmacSignature(keys(account).stream()
                        .map(key -> key.getBytes(StandardCharsets.UTF_8))
                        .toList())
                .matches(("v0:" + timestamp.strip() + ":").getBytes(StandardCharsets.UTF_8), body, List.of(given));
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
}
