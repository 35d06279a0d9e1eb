package io.sluice.saas;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * More accounts of Clerk than the sandbox has: {@code eu} with limits of its own and a host, and, in a file that the locations
 * name, two production accounts with 1000 calls in 10 s each and a backstop that an operator has given.
 */
public final class MoreAccounts implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
        try {
            Path file = Files.createTempFile("accounts", ".properties");
            Files.writeString(file, """
                    sluice.clerk.accounts.us.secret-key=sk_live_of-the-us
                    sluice.clerk.accounts.west.secret-key=sk_live_of-the-west
                    quarkus.fault-tolerance."io.sluice.saas.clerk.ClerkApi$$CDIWrapper/countUsers".rate-limit.value=7
                    """);
            return Map.of(
                    "smallrye.config.locations", file.toUri().toString(),
                    "sluice.clerk.accounts.eu.secret-key", "sk_live_secret",
                    "sluice.clerk.accounts.eu.limits.instance.permits", "500",
                    "sluice.clerk.accounts.eu.limits.user-update.permits", "10",
                    "sluice.hosts.\"clerk.example\"", "clerk@eu");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
