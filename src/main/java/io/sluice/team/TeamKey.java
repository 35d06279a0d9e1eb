package io.sluice.team;

import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The team's key in a request: in one of the headers in which a vendor's SDK sends the vendor's key. */
public final class TeamKey {
    /** Every header that may hold a caller's credential. None of them may reach a vendor. */
    public static final List<String> HEADERS = List.of("Authorization", "apikey", "X-Api-Key");

    private TeamKey() {}

    /** Returns the key; empty if none of the headers holds one in a supported form. */
    public static Optional<String> in(MultiMap headers) {
        String authorization = headers.get("Authorization");
        Optional<String> key = authorization == null ? Optional.empty() : authorized(authorization.trim());
        return key.or(() -> present(headers.get("apikey"))).or(() -> present(headers.get("X-Api-Key")));
    }

    private static Optional<String> authorized(String authorization) {
        int space = authorization.indexOf(' ');
        if (space < 0) {
            return Optional.empty();
        }
        String credential = authorization.substring(space + 1).trim();
        return switch (authorization.substring(0, space).toLowerCase(Locale.ROOT)) {
            case "bearer" -> present(credential);
            case "basic" -> basic(credential);
            default -> Optional.empty();
        };
    }

    /** The password, or the user where there is none: Customer.io's Pipelines clients send their key as the user. */
    private static Optional<String> basic(String credential) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(credential), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        int colon = pair.indexOf(':');
        if (colon < 0) {
            return present(pair);
        }
        return present(pair.substring(colon + 1)).or(() -> present(pair.substring(0, colon)));
    }

    private static Optional<String> present(@Nullable String key) {
        return Optional.ofNullable(key).map(String::trim).filter(text -> !text.isEmpty());
    }
}
