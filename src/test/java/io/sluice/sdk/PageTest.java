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

/** The page, in a headless Chromium that npm brings along. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
class PageTest {
    @TestHTTPResource("/")
    URI sluice;

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        NodeScripts.install();
    }

    @Test
    void shows_exports_live_and_limits_that_run_low() throws IOException, InterruptedException {
        NodeScripts.test("page.test.js", sluice, "dev-key");
    }
}
