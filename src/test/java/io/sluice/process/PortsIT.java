package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.Caller;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the two ports of the packaged jar serve in production, and to whom. */
@SuppressWarnings("NullAway.Init") // started before all tests
class PortsIT {
    private static final String HOST = "track.sluice.internal";

    private static SluiceProcess sluice;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        client = HttpClient.newHttpClient();
        sluice = SluiceProcess.start(
                        "-Dsluice.teams.a.key-hash=7e9f8fd111802be56c379d597842e29b2cebd35ff2133d431a49fa556a18704e",
                        "-Dsluice.customerio.accounts.default.track-url=http://localhost:1",
                        "-Dsluice.customerio.accounts.default.site-id=site",
                        "-Dsluice.customerio.accounts.default.track-api-key=key",
                        "-Dsluice.customerio.region-check.enabled=false",
                        "-Dsluice.hosts.\"" + HOST + "\"=customerio/track")
                .ready();
    }

    @AfterAll
    static void stop() {
        sluice.close();
        client.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/q/openapi",
                "/q/openapi?format=json",
                "/q/openapi.json",
                "/q/openapi/",
                "/%71/openapi",
                "/q/swagger-ui",
                "/q/swagger-ui/index.html"
            })
    void the_api_document_needs_a_teams_key(String path) throws Exception {
        for (String key : new String[] {"", "wrong"}) {
            HttpResponse<String> answer = get(path, key);

            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"sluice\"");
            JsonObject problem = new JsonObject(answer.body());
            assertThat(problem.getString("type")).isEqualTo("urn:sluice:problem:unauthenticated");
            assertThat(answer.headers().firstValue("Sluice-Request-Id")).contains(problem.getString("request_id"));
        }
    }

    @Test
    void a_refusal_is_counted() throws Exception {
        double before = denied();

        get("/q/openapi", "wrong");

        assertThat(denied()).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @CsvSource({"/q/openapi, openapi:", "/q/openapi?format=json, \"openapi\"", "/q/openapi.json, \"openapi\""})
    void a_team_gets_the_api_document(String path, String text) throws Exception {
        HttpResponse<String> answer = get(path, "dev-key");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains(text, "/api/exports");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/q/swagger-ui",
                "/q/swagger-ui/",
                "/q/swagger-ui/index.html",
                "/q/health",
                "/q/health/ready",
                "/q/metrics",
                "/sandbox/report"
            })
    void neither_ui_nor_health_nor_metrics_are_where_teams_call(String path) throws Exception {
        assertThat(get(path, "dev-key").statusCode()).isEqualTo(404);
    }

    @Test
    void the_page_has_no_link_to_a_ui_that_is_not_there() throws Exception {
        HttpResponse<String> page = get("/", "");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("<title>Sluice</title>")
                .doesNotContain("/q/")
                .doesNotContain("<nav>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/openapi", "/q/swagger-ui/", "/q/metrics", "/%71/openapi"})
    void a_host_that_stands_for_a_mount_leads_to_its_vendor_only(String path) throws Exception {
        // The JDK's client lets nobody set the Host. With more paths, the vendor's breaker would open.
        try (Caller caller = Caller.connected(sluice.uri("/").getPort())) {
            caller.send("GET " + path + " HTTP/1.1", List.of("Host: " + HOST, "Authorization: Bearer dev-key"), "");

            Caller.Reply reply = caller.reply("GET");

            assertThat(reply.status()).isEqualTo(502);
            assertThat(new JsonObject(reply.body()).getJsonObject("meta").getJsonArray("errors"))
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health", "/q/health/started", "/q/health/ready", "/q/health/live"})
    void probes_ask_the_management_interface_without_a_key(String probe) throws Exception {
        HttpResponse<String> answer = managed(probe);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(answer.body()).getString("status")).isEqualTo("UP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/q/openapi", "/q/swagger-ui/", "/api/limits", "/customerio/track/api/v1/customers/1"})
    void the_management_interface_serves_no_team(String path) throws Exception {
        assertThat(managed(path).statusCode()).isEqualTo(404);
    }

    private static double denied() throws IOException, InterruptedException {
        return Pattern.compile("(?m)^sluice_denied_total\\{[^}]*reason=\"unauthenticated\",vendor=\"none\"} ([0-9.]+)$")
                .matcher(managed("/q/metrics").body())
                .results()
                .mapToDouble(sample -> Double.parseDouble(sample.group(1)))
                .sum();
    }

    private static HttpResponse<String> get(String path, String key) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(sluice.uri(path));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> managed(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(sluice.management(path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
