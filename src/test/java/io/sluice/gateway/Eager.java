package io.sluice.gateway;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.HashMap;
import java.util.Map;

/**
 * A configuration that checks credentials at the start, polls exports soon, and whose cached responses are fresh for a
 * nanosecond. It is one for the tests of all of that, since the application is built and started once for each.
 */
public final class Eager implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> config = new HashMap<>();
        config.put("sluice.credential-check.enabled", "true");
        config.put("sluice.clari.accounts.wrong.url", "${sandbox.url}/clari");
        config.put("sluice.clari.accounts.wrong.api-key", "not-the-key");

        config.put("sluice.clerk.cache.ttl", "PT0.000000001S");
        // Less than what the tests close for, so that no refresh outlives its test.
        config.put("sluice.cache.refresh-permit-timeout", "10s");
        config.put(Impatient.policy("readUser", "retry.max-retries"), "0");
        config.put(Impatient.policy("readOrganization", "retry.max-retries"), "0");
        config.put("sluice.circuit-breaker.failures", "2");

        config.put("sluice.exports.first-poll", "200ms");
        config.put("sluice.exports.reconcile-delay", "500ms");
        config.put("sluice.exports.slot-poll-when-full", "1s");
        config.put("sluice.exports.event-interval", "100ms");
        config.put("sluice.events.streams-per-team", "2");
        return config;
    }
}
