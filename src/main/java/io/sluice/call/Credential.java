package io.sluice.call;

import jakarta.ws.rs.core.MultivaluedMap;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The company's secret at a vendor, as the one header that carries it. Never printed. Two with the same header and
 * secret are equal.
 */
public final class Credential {
    private final String header;
    private final String value;

    private Credential(String header, String value) {
        this.header = header;
        this.value = value;
    }

    /** No credential: the link itself is the secret. */
    public static Credential none() {
        return new Credential("", "");
    }

    /** {@code Authorization: Bearer TOKEN}. */
    public static Credential bearer(String token) {
        return new Credential("Authorization", "Bearer " + token);
    }

    /** {@code Authorization: Basic}, with the user and password encoded. */
    public static Credential basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new Credential("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
    }

    /** A header of the vendor's own that holds only the key. */
    public static Credential key(String header, String key) {
        return new Credential(header, key);
    }

    /** Returns true if there is a credential that a vendor could refuse. */
    boolean isPresent() {
        return !header.isEmpty();
    }

    /** Sets the credential's header on a request. */
    void putOn(MultivaluedMap<String, Object> headers) {
        if (!header.isEmpty()) {
            headers.putSingle(header, value);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Credential same && header.equals(same.header) && value.equals(same.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(header, value);
    }

    @Override
    public String toString() {
        return header.isEmpty() ? "(none)" : header + ": (secret)";
    }
}
