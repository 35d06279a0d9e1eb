package io.sluice.sdk;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.gateway.StubVendors;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A team changes its SDK's base URL and key, and nothing else. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
class VendorSdksTest {
    @TestHTTPResource("/")
    URI sluice;

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        NodeScripts.install();
    }

    @Test
    void clerk_backend_works_on_the_mount() throws IOException, InterruptedException {
        NodeScripts.test("clerk.test.js", sluice, "dev-key");
    }

    @Test
    void svix_signs_what_clerks_webhooks_tell() throws IOException, InterruptedException {
        NodeScripts.test("clerk-webhooks.test.js", sluice, "dev-key");
    }

    @Test
    void customerio_node_works_on_the_mounts() throws IOException, InterruptedException {
        NodeScripts.test("customerio.test.js", sluice, "dev-key");
    }
}
