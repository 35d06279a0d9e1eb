package io.sluice.gateway;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration with short timeouts, few attempts, a circuit breaker that opens soon, and accounts in a file that the
 * locations name. It is one for the tests of all of that, since the application is built and started once for each.
 */
public final class Impatient implements QuarkusTestProfile {
    /** How long a circuit breaker stays open: longer than a machine stands still between two calls. */
    static final int BREAKER_SECONDS = 6;

    /** How many failures open a circuit breaker. */
    static final int BREAKER_FAILURES = 4;

    /**
     * An attempt of {@code read-user} has half a second, and two where a vendor also answers at once in a test, which leaves a
     * slow machine time to notice. A call of {@code read} and of {@code create-organization} has one second, and its attempts
     * have as long as usual.
     */
    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> config = new HashMap<>();
        Map.of("readUser", "500", "createUser", "2000", "delete", "2000").forEach((method, millis) -> {
            config.put(policy(method, "timeout.value"), millis);
            config.put(policy(method, "timeout.unit"), "millis");
            config.put(policy(method, "retry.max-retries"), "1");
        });
        config.put(policy("readOrganization", "retry.max-retries"), "0");
        config.put("sluice.clerk.operations.read.call-timeout", "1s");
        config.put("sluice.clerk.operations.create-organization.call-timeout", "1s");
        config.put("sluice.circuit-breaker.failures", Integer.toString(BREAKER_FAILURES));
        config.put("sluice.circuit-breaker.delay", BREAKER_SECONDS + "s");
        config.put("smallrye.config.locations", accounts().toUri().toString());
        config.put("sluice.clerk.accounts.eu.secret-key", "sk_live_secret");
        config.put("sluice.clerk.accounts.eu.limits.instance.permits", "500");
        config.put("sluice.clerk.accounts.eu.limits.user-update.permits", "10");
        config.put("sluice.hosts.\"clerk.example\"", "clerk@eu");
        return config;
    }

    private static Path accounts() {
        try {
            return Files.writeString(Files.createTempFile("accounts", ".properties"), """
                    sluice.clerk.accounts.us.secret-key=sk_live_of-the-us
                    sluice.clerk.accounts.west.secret-key=sk_live_of-the-west
                    quarkus.fault-tolerance."io.sluice.saas.clerk.ClerkApi$$CDIWrapper/countUsers".rate-limit.value=7
                    """);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The key of a fault tolerance setting of Clerk's API. */
    static String policy(String method, String setting) {
        return "quarkus.fault-tolerance.\"io.sluice.saas.clerk.ClerkApi$$CDIWrapper/" + method + "\"." + setting;
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(SilentVendor.class));
    }
}
