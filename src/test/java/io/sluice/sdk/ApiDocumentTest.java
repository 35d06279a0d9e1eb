package io.sluice.sdk;

import static io.restassured.RestAssured.given;

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

/** The OpenAPI document with the tools that teams use: a linter, a generator of clients, and its examples. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
class ApiDocumentTest {
    @TestHTTPResource("/")
    URI sluice;

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        NodeScripts.install();
    }

    @Test
    void is_without_errors_and_makes_a_client_that_orders_an_export() throws IOException, InterruptedException {
        NodeScripts.write("openapi.json", given().get("/q/openapi?format=json").asString());
        NodeScripts.test("openapi.test.js", sluice, "dev-key");
    }
}
