package io.sluice.gateway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives every vendor an account {@code stub} that leads to a {@link StubVendor}, with limits that hold nobody back, an
 * account {@code later} beside it whose calls are made later, one {@code queued} of that kind that leads to
 * the sandbox, one {@code mass} that leads there too and triggers many broadcasts, one {@code gone} that leads nowhere,
 * and an account {@code load} that leads to the sandbox, for much traffic. Clerk also has an account {@code throttled}
 * that leads to the sandbox, for tests that close it for minutes, and one {@code low} for the test that uses it up;
 * Customer.io has one {@code throttled} that leads to the stub.
 * Tests reach the stub through a field of its type.
 */
public final class StubVendors implements QuarkusTestResourceLifecycleManager {
    /** May read at Clerk and identify people at Customer.io. */
    public static final String READER = "Authorization: Bearer reader-key";

    /** Has three times the weight of the others. */
    public static final String TRIO = "Authorization: Bearer trio-key";

    /** Wants no answers that are out of date. */
    public static final String FRESH = "Authorization: Bearer fresh-key";

    /** How many calls a second the accounts {@code load} allow. */
    static final int LOAD_PERMITS = 200;

    /** How long Clerk's 404s are kept: so long that a machine that stands still does not outlast it. */
    static final int MISSING_SECONDS = 30;

    private static final String READER_HASH = "ec4408df15da46b328f6f3246fa723d0aa6cb0f0a0dd9c4626080ab1b02aa3b2";

    private static final String TRIO_HASH = "63a5e579aecc899ea17ae06b6acb9ab6c5cd61ad2ba02d06ee5ab331661e2b54";

    private static final String FRESH_HASH = "7d9ed5bd911ff5d0a207f82ed65ecdeae0b03677f85600f6ab6abb785c18090a";

    private final StubVendor stub = StubVendor.start();

    @Override
    public Map<String, String> start() {
        Map<String, String> config = new TreeMap<>();
        String url = "http://localhost:" + stub.port();
        account(config, "stub", url + "/base");
        account(config, "gone", "http://localhost:1");
        account(config, "later", url + "/base");
        config.put("sluice.customerio.accounts.later.async", "true");
        String queued = "sluice.customerio.accounts.queued.";
        config.put(queued + "track-url", "${sandbox.url}/customerio/track");
        config.put(queued + "site-id", "sandbox-site");
        config.put(queued + "track-api-key", "sandbox-track-key");
        config.put(queued + "async", "true");
        String mass = "sluice.customerio.accounts.mass.";
        config.put(mass + "app-url", "${sandbox.url}/customerio/app");
        config.put(mass + "app-api-key", "sandbox-app-key");
        config.put(mass + "limits.broadcast.permits", "100000");
        config.put(mass + "limits.query.permits", "100000");
        config.put("sluice.customerio.broadcasts.lookup-interval", "50ms");
        config.put("sluice.customerio.broadcasts.poll-interval", "50ms");
        // It would come at any moment between the calls of a test.
        config.put("sluice.customerio.region-check.enabled", "false");
        config.put("sluice.deliveries.first-backoff", "50ms");
        config.put("sluice.deliveries.poll-interval", "50ms");
        config.put("sluice.hosts.\"track.sluice.internal\"", "customerio@stub/track");
        config.put("sluice.teams.reader.key-hash", READER_HASH);
        config.put("sluice.teams.reader.allow", "clerk:read,customerio:identify");
        config.put("sluice.teams.trio.key-hash", TRIO_HASH);
        config.put("sluice.teams.trio.weight", "3");
        config.put("sluice.teams.fresh.key-hash", FRESH_HASH);
        config.put("sluice.teams.fresh.stale", "false");
        for (String[] limit : new String[][] {
            {"clari", "api"},
            {"clari", "ingest"},
            {"clerk", "instance"},
            {"clerk", "user-update"},
            {"customerio", "identify"},
            {"customerio", "track"},
            {"customerio", "batch"},
            {"customerio", "pipelines"},
            {"customerio", "email"},
            {"customerio", "query"},
            {"fathom", "account"},
            {"fathom", "heavy"}
        }) {
            for (String account : new String[] {"stub", "gone", "later"}) {
                String key = "sluice." + limit[0] + ".accounts." + account + ".limits." + limit[1];
                config.put(key + ".permits", "100000");
                config.put(key + ".window", "1s");
            }
        }
        load(config);
        // The tests that send much look at all of it.
        config.put("sluice.sandbox.kept-requests", "1000");
        config.put("sluice.clerk.cache.missing-ttl", MISSING_SECONDS + "s");
        config.put("sluice.clerk.accounts.throttled.url", "${sandbox.url}/clerk");
        config.put("sluice.clerk.accounts.throttled.secret-key", "sk_test_sandbox");
        String throttled = "sluice.customerio.accounts.throttled.";
        config.put(throttled + "track-url", url + "/base");
        config.put(throttled + "site-id", "stub-site");
        config.put(throttled + "track-api-key", "stub-track-secret");
        config.put("sluice.clerk.accounts.low.url", "${sandbox.url}/clerk");
        config.put("sluice.clerk.accounts.low.secret-key", "sk_test_sandbox");
        slow(config, "slow", true);
        slow(config, "slow-alone", false);
        slow(config, "slow-closed", true);
        return config;
    }

    /** A Clerk account that leads to the stub, two calls a second. */
    private void slow(Map<String, String> config, String account, boolean batching) {
        String key = "sluice.clerk.accounts." + account + ".";
        config.put(key + "url", "http://localhost:" + stub.port() + "/base");
        config.put(key + "secret-key", "sk_test_stub-secret");
        config.put(key + "batching", Boolean.toString(batching));
        config.put(key + "limits.instance.permits", "1");
        config.put(key + "limits.instance.window", "500ms");
    }

    private static void load(Map<String, String> config) {
        config.put("sluice.clari.accounts.load.url", "${sandbox.url}/clari");
        config.put("sluice.clari.accounts.load.api-key", "sandbox-clari-key");
        config.put("sluice.clerk.accounts.load.url", "${sandbox.url}/clerk");
        config.put("sluice.clerk.accounts.load.secret-key", "sk_test_sandbox");
        config.put("sluice.customerio.accounts.load.app-url", "${sandbox.url}/customerio/app");
        config.put("sluice.customerio.accounts.load.app-api-key", "sandbox-app-key");
        config.put("sluice.fathom.accounts.load.url", "${sandbox.url}/fathom");
        config.put("sluice.fathom.accounts.load.api-key", "sandbox-fathom-key");
        Map.of("clari", "api", "clerk", "instance", "customerio", "query", "fathom", "account")
                .forEach((vendor, limit) -> {
                    String key = "sluice." + vendor + ".accounts.load.limits." + limit;
                    config.put(key + ".permits", Integer.toString(LOAD_PERMITS));
                    config.put(key + ".window", "1s");
                });
    }

    private static void account(Map<String, String> config, String name, String url) {
        config.put("sluice.clari.accounts." + name + ".url", url);
        config.put("sluice.clari.accounts." + name + ".api-key", "stub-clari-secret");
        config.put("sluice.clerk.accounts." + name + ".url", url);
        config.put("sluice.clerk.accounts." + name + ".secret-key", "sk_test_stub-secret");
        config.put("sluice.fathom.accounts." + name + ".url", url);
        config.put("sluice.fathom.accounts." + name + ".api-key", "stub-fathom-secret");
        String customerio = "sluice.customerio.accounts." + name + ".";
        config.put(customerio + "track-url", url);
        config.put(customerio + "app-url", url);
        config.put(customerio + "pipelines-url", url);
        config.put(customerio + "site-id", "stub-site");
        config.put(customerio + "track-api-key", "stub-track-secret");
        config.put(customerio + "app-api-key", "stub-app-secret");
        config.put(customerio + "pipelines-key", "stub-pipelines-secret");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(stub, new TestInjector.MatchesType(StubVendor.class));
    }

    @Override
    public void stop() {
        stub.close();
    }
}
