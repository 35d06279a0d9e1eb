package io.sluice.saas.clerk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.AccountId;
import io.sluice.InvalidConfigException;
import io.sluice.cache.ResponseCache;
import io.sluice.webhook.WebhookReplayGuard;
import io.sluice.webhook.Webhooks;
import io.sluice.webhook.WebhooksConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Clerk's webhooks, which invalidate the cached responses of the resources they name. An event with {@code updated_at}
 * invalidates only what is older, so that one that is late or duplicated costs nothing. The content of events is never
 * cached itself.
 */
@ApplicationScoped
public class ClerkWebhooks implements Webhooks {
    /**
     * How far ahead of us Clerk's clock may be. A later time is a mistake, and must not invalidate all future
     * responses.
     */
    private static final long AHEAD_MILLIS = 60_000;

    private final Map<String, Svix> signatures = new TreeMap<>();
    private final ResponseCache cache;
    private final WebhookReplayGuard replays;
    private final WebhooksConfig config;
    private final InstantSource clock;
    private final ObjectMapper json;

    ClerkWebhooks(
            ClerkConfig clerk,
            ResponseCache cache,
            WebhookReplayGuard replays,
            WebhooksConfig config,
            InstantSource clock,
            ObjectMapper json) {
        this.cache = cache;
        this.replays = replays;
        this.config = config;
        this.clock = clock;
        this.json = json;
        clerk.accounts()
                .forEach((name, account) ->
                        account.webhookSecret().ifPresent(secrets -> signatures.put(name, svix(name, secrets))));
    }

    private static Svix svix(String account, List<String> secrets) {
        try {
            return new Svix(secrets);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(
                    "sluice.clerk.accounts." + account + ".webhook-secret", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String vendor() {
        return Clerk.NAME;
    }

    @Override
    public Set<String> accounts() {
        return signatures.keySet();
    }

    @Override
    public Reception receive(String account, Function<String, @Nullable String> header, byte[] body) {
        return new Reception(verdict(account, header, body));
    }

    private Verdict verdict(String account, Function<String, @Nullable String> header, byte[] body) {
        Svix svix = signatures.get(account);
        Optional<Svix.Message> message = svix == null ? Optional.empty() : svix.verify(header, body);
        if (message.isEmpty()) {
            return Verdict.INVALID_SIGNATURE;
        }
        if (!message.get().timely(clock.instant(), config.tolerance())) {
            return Verdict.TIMESTAMP_OUT_OF_TOLERANCE;
        }
        AccountId accountId = new AccountId(vendor(), account);
        String id = message.get().id();
        boolean first;
        try {
            first = replays.isFirst(accountId, id);
        } catch (RuntimeException storeAway) {
            // Clerk will send the message again, and until then nothing that it makes stale is served.
            Verdict _ = apply(accountId, body);
            throw storeAway;
        }
        if (!first) {
            return Verdict.DUPLICATE;
        }
        boolean applied = false;
        try {
            Verdict verdict = apply(accountId, body);
            applied = true;
            return verdict;
        } finally {
            if (!applied) {
                replays.forget(accountId, id);
            }
        }
    }

    private Verdict apply(AccountId account, byte[] body) {
        JsonNode event;
        try {
            event = json.readTree(body);
        } catch (JsonProcessingException e) {
            return unreadable(account);
        } catch (IOException impossible) {
            throw new IllegalStateException("bytes cannot break off", impossible);
        }
        String type = event.path("type").asText();
        JsonNode data = event.path("data");
        return switch (type.substring(0, Math.max(0, type.indexOf('.')))) {
            case "user" -> user(account, type, data);
            case "organization" -> organization(account, type, data);
            case "organizationMembership" -> membership(account, data);
            case "organizationInvitation", "organizationDomain" -> partOfOrganization(account, data);
            default -> type.isEmpty() ? unreadable(account) : Verdict.IGNORED;
        };
    }

    private Verdict user(AccountId account, String type, JsonNode data) {
        String id = data.path("id").asText();
        if (id.isEmpty()) {
            return unreadable(account);
        }
        invalidate(account, ClerkCaching.user(id), type, data);
        cache.invalidate(
                account,
                switch (type) {
                    case "user.updated" -> Set.of(ClerkCaching.ANY_USER);
                    case "user.deleted" ->
                        Set.of(ClerkCaching.ALL_USERS, ClerkCaching.ANY_USER, ClerkCaching.EVERY_ORGANIZATION);
                    default -> Set.of(ClerkCaching.ALL_USERS, ClerkCaching.ANY_USER);
                });
        return Verdict.DONE;
    }

    private Verdict organization(AccountId account, String type, JsonNode data) {
        String id = data.path("id").asText();
        if (id.isEmpty()) {
            return unreadable(account);
        }
        invalidate(account, ClerkCaching.organization(id), type, data);
        cache.invalidate(account, Set.of(ClerkCaching.ALL_ORGANIZATIONS));
        return Verdict.DONE;
    }

    private Verdict membership(AccountId account, JsonNode data) {
        String organization = data.path("organization").path("id").asText();
        String user = data.path("public_user_data").path("user_id").asText();
        if (organization.isEmpty() || user.isEmpty()) {
            return unreadable(account);
        }
        cache.invalidate(
                account,
                Set.of(
                        ClerkCaching.organization(organization),
                        ClerkCaching.ALL_ORGANIZATIONS,
                        ClerkCaching.user(user),
                        ClerkCaching.ANY_USER));
        return Verdict.DONE;
    }

    private Verdict partOfOrganization(AccountId account, JsonNode data) {
        String organization = data.path("organization_id").asText();
        if (organization.isEmpty()) {
            return unreadable(account);
        }
        cache.invalidate(account, Set.of(ClerkCaching.organization(organization), ClerkCaching.ALL_ORGANIZATIONS));
        return Verdict.DONE;
    }

    private void invalidate(AccountId account, String tag, String type, JsonNode data) {
        OptionalLong version = version(data);
        if (version.isEmpty() || type.endsWith(".deleted")) {
            cache.invalidate(account, Set.of(tag));
        } else {
            cache.invalidate(account, Set.of(tag), version.getAsLong());
        }
    }

    private OptionalLong version(JsonNode data) {
        JsonNode updatedAt = data.path("updated_at");
        Instant now = clock.instant();
        return updatedAt.isIntegralNumber() && updatedAt.asLong() <= now.toEpochMilli() + AHEAD_MILLIS
                ? OptionalLong.of(updatedAt.asLong())
                : OptionalLong.empty();
    }

    /** Invalidates everything of the account: a resource has changed, and the event does not show which. */
    private Verdict unreadable(AccountId account) {
        cache.invalidateAll(account);
        return Verdict.UNREADABLE;
    }
}
