package io.sluice.readme;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.All;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.sluice.budget.window.Limit;
import io.sluice.call.AccessLine;
import io.sluice.call.Operation;
import io.sluice.gateway.Management;
import io.sluice.saas.Route;
import io.sluice.saas.Vendor;
import io.sluice.webhook.Webhooks;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The commands of README and of the pages work right after the start, and what the pages list of the running Sluice is
 * complete: operations, limits, metrics, headers, paths.
 */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class ReadmeTest {
    private static final String STARTED_AT = "http://localhost:8080/";
    private static final String MANAGED_AT = "http://localhost:9000/";

    private static final String EXAMPLE = "https://sluice.example/";
    private static final Pattern API_CALL = Pattern.compile("(GET|POST|PUT|DELETE) (/api/[^?]+)(\\?.*)?");

    private final Page readme = Page.readme();

    @TestHTTPResource("/")
    URI sluice;

    @Inject
    @All
    List<Vendor> vendors;

    @Inject
    @All
    List<Webhooks> webhooks;

    @Test
    void every_curl_answers() throws IOException, InterruptedException {
        assertThat(readme.commands("curl")).hasSizeGreaterThanOrEqualTo(4);
        for (String curl : curls()) {
            assertThat(curl).contains(STARTED_AT);
            String answer = shell(curl.replace(STARTED_AT, sluice.toString()));
            // A feed without events is empty, and so is the answer to a deletion.
            boolean mayBeEmpty = curl.contains("?after=0") || curl.contains("-X DELETE");
            assertThat(answer).as(curl).matches(mayBeEmpty ? "(?s).*\\n2\\d\\d" : "(?s).+\\n2\\d\\d");
        }
    }

    @Test
    void an_export_is_ordered_followed_and_downloaded() throws IOException, InterruptedException {
        List<String> scripts = Page.of("exports.md").blocks("bash");

        assertThat(scripts).hasSize(1);
        Path folder = Files.createTempDirectory("readme");
        String printed = run(
                folder,
                scripts.getFirst()
                        .replace(STARTED_AT, sluice.toString())
                        .replace("http://localhost:8080$", sluice.toString().replaceFirst("/$", "") + "$"));

        assertThat(printed).contains("event:part", "event:export", "\"state\":\"done\"");
        assertThat(folder.resolve("2026_Q1.json")).content().contains("\"timePeriodId\":\"2026_Q1\"");
    }

    private static List<String> curls() {
        return Page.current().stream()
                .flatMap(page -> page.commands("curl").stream())
                .toList();
    }

    @Test
    void there_is_a_curl_for_every_mount_of_a_vendor() {
        String curls = String.join("\n", readme.commands("curl"));

        assertThat(vendors)
                .isNotEmpty()
                .allSatisfy(vendor -> assertThat(curls).contains(STARTED_AT + vendor.name() + "/"));
    }

    @Test
    void every_link_to_sluice_leads_somewhere() {
        Set<String> links = readme.text()
                .lines()
                .flatMap(line -> Pattern.compile("\\(((?:" + STARTED_AT + "|" + MANAGED_AT + ")[^)]*)\\)")
                        .matcher(line)
                        .results())
                .map(link -> link.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(links)
                .anyMatch(link -> link.startsWith(STARTED_AT))
                .anyMatch(link -> link.startsWith(MANAGED_AT))
                .allSatisfy(link -> given().header("Authorization", "Bearer dev-key")
                        .get(link.replace(STARTED_AT, sluice.toString())
                                .replace(MANAGED_AT, Management.uri().toString()))
                        .then()
                        .statusCode(200));
    }

    @Test
    void the_table_of_limits_is_the_vendors() {
        Map<String, String> documented = new TreeMap<>();
        Page.of("limits.md").table("limit").forEach(row -> {
            String name = String.join("/", Page.code(row.getFirst()));
            String window = row.get(2).equals("at once") ? "" : " in " + Duration.parse("PT" + row.get(2));
            documented.put(name, row.get(1) + window);
        });

        Map<String, String> actual = new TreeMap<>();
        vendors.forEach(vendor -> vendor.limits()
                .getOrDefault("default", List.of())
                .forEach(limit -> actual.put(
                        vendor.name() + "/" + limit.name(),
                        switch (limit) {
                            case Limit.Rate rate -> rate.permits() + " in " + rate.window();
                            case Limit.Concurrency inFlight -> String.valueOf(inFlight.permits());
                        })));
        assertThat(documented).isEqualTo(actual);
    }

    @Test
    void the_operations_of_each_vendor_are_those_of_its_routes() {
        assertThat(vendors)
                .isNotEmpty()
                .allSatisfy(vendor -> assertThat(
                                Page.of("vendors/" + vendor.name() + ".md").table("operation"))
                        .as(vendor.name())
                        .isEqualTo(operations(vendor)));
    }

    /** In alphabetical order, in the words of the pages. */
    private static List<List<String>> operations(Vendor vendor) {
        Map<String, List<String>> rows = new TreeMap<>();
        vendor.surfaces().stream()
                .flatMap(surface -> surface.routes().stream())
                .map(Route::operation)
                .forEach(operation -> rows.put(
                        operation.name(),
                        List.of(
                                "`" + operation.name() + "`",
                                operation.effect().name().toLowerCase(Locale.ROOT),
                                limits(operation),
                                repeatedAfter(operation))));
        return List.copyOf(rows.values());
    }

    private static String limits(Operation operation) {
        return operation.uses().isEmpty()
                ? "-"
                : operation.uses().stream().map(ReadmeTest::limit).collect(Collectors.joining(", "));
    }

    private static String limit(Operation.Use use) {
        String per = use.per().stream().map(name -> "`" + name + "`").collect(Collectors.joining(" and "));
        return "`" + use.limit() + "`" + (per.isEmpty() ? "" : " per " + per);
    }

    private static String repeatedAfter(Operation operation) {
        return switch (operation.retrySafety()) {
            case IDEMPOTENT -> "any failure";
            case UNSENT_ONLY -> operation.nonRepeatable() ? "no execution; recorded first" : "no execution";
        };
    }

    @Test
    void the_mounts_of_each_vendor_are_its_surfaces() {
        assertThat(vendors)
                .allSatisfy(vendor -> assertThat(
                                Page.of("vendors/" + vendor.name() + ".md").names("mount"))
                        .containsExactlyElementsOf(mounts(vendor)));
    }

    @Test
    void base_urls_of_sdks_lead_to_every_mount_and_to_nothing_else() {
        List<String> urls = Page.of("sdks.md").all(Pattern.compile(EXAMPLE + "[\\w/]*")).stream()
                .map(url -> url.substring(EXAMPLE.length() - 1))
                .toList();
        List<String> mounts =
                vendors.stream().flatMap(vendor -> mounts(vendor).stream()).toList();

        assertThat(mounts).allSatisfy(mount -> assertThat(urls).anyMatch(url -> isBelow(url, mount)));
        assertThat(urls).allSatisfy(url -> assertThat(mounts).anyMatch(mount -> isBelow(url, mount)));
    }

    private static List<String> mounts(Vendor vendor) {
        return vendor.surfaces().stream().map(surface -> "/" + surface.mount()).toList();
    }

    private static boolean isBelow(String url, String mount) {
        return url.equals(mount) || url.startsWith(mount + "/");
    }

    @Test
    void sdks_that_the_tests_run_are_among_their_dependencies() throws IOException {
        String dependencies = Files.readString(Path.of("src/test/node/package.json"))
                + Files.readString(Path.of("pom.xml")).replaceAll("</groupId>\\s*<artifactId>", ":");
        List<String> run = Page.of("sdks.md").table("SDK").stream()
                .map(List::getFirst)
                .filter(sdk -> sdk.contains("¹"))
                .map(sdk -> Page.code(sdk).getFirst())
                .toList();

        assertThat(run).isNotEmpty().allSatisfy(sdk -> assertThat(dependencies).contains(sdk));
    }

    @Test
    void every_answer_header_of_the_table_is_given() {
        Set<String> documented = Page.of("sdks.md").table("header").stream()
                .map(List::getFirst)
                .filter(header -> header.endsWith("(answer)"))
                .flatMap(header -> Page.code(header).stream())
                .map(header -> header.replaceFirst(":.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> given = new TreeSet<>();
        given.addAll(headers(asDev().get("/clerk/v1/users/user_sandbox_1")));
        given.addAll(headers(asDev().header("Prefer", "respond-async")
                .contentType("application/json")
                .body("{\"name\":\"documented\"}")
                .post("/customerio/track/api/v1/customers/42/events")));
        given.addAll(headers(withLostAnswer("documented-1")));
        given.addAll(headers(withLostAnswer("documented-1")));

        assertThat(documented).hasSizeGreaterThan(5);
        assertThat(given).containsAll(documented);
    }

    /** A call with an idempotency key whose first answer the stand-in does not give. */
    private static Response withLostAnswer(String key) {
        given().body(
                        "{\"vendor\":\"clerk\",\"operation\":\"create-organization\",\"fault\":\"lost-answer\",\"times\":1}")
                .post("/sandbox/faults")
                .then()
                .statusCode(201);
        try {
            return asDev().header("Idempotency-Key", key)
                    .contentType("application/json")
                    .body("{\"name\":\"documented\"}")
                    .post("/clerk/v1/organizations");
        } finally {
            given().delete("/sandbox/faults").then().statusCode(204);
        }
    }

    private static RequestSpecification asDev() {
        return given().header("Authorization", "Bearer dev-key");
    }

    private static Set<String> headers(Response response) {
        return response.headers().asList().stream().map(Header::getName).collect(Collectors.toSet());
    }

    @Test
    void every_call_of_the_api_stands_in_a_page_and_every_call_of_a_page_in_the_api() {
        Set<String> documented = Page.current().stream()
                .flatMap(page -> page.code().stream())
                .map(API_CALL::matcher)
                .filter(Matcher::matches)
                .map(call -> call.group(1) + " " + call.group(2))
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, Map<String, Object>> paths =
                asDev().get("/q/openapi?format=json").jsonPath().getMap("paths");
        Set<String> actual = new TreeSet<>();
        paths.forEach((path, operations) -> {
            if (path.startsWith("/api/")) {
                operations.keySet().forEach(method -> actual.add(method.toUpperCase(Locale.ROOT) + " " + path));
            }
        });

        assertThat(documented).isEqualTo(actual);
    }

    @Test
    void the_page_has_the_headers_that_are_documented() {
        Response page = given().get("/");

        Page.of("security.md")
                .table("header of the page")
                .forEach(row -> assertThat(
                                "`" + page.header(Page.code(row.get(0)).getFirst()) + "`")
                        .isEqualTo(row.get(1)));
    }

    @Test
    void the_control_of_the_sandbox_and_its_faults_are_those_that_are_documented() {
        Page page = Page.of("sandbox.md");

        assertThat(page.names("path"))
                .containsExactlyElementsOf(given().get("/sandbox").jsonPath().getList("control", String.class));
        assertThat(given().body("{\"vendor\":\"clerk\",\"fault\":\"none\"}")
                        .post("/sandbox/faults")
                        .asString())
                .contains("there are " + String.join(", ", page.names("fault")));
    }

    @Test
    void webhooks_are_taken_at_the_documented_addresses() {
        assertThat(Page.of("webhooks.md").table("vendor").stream()
                        .map(row -> Page.code(row.get(1)).getFirst()))
                .containsExactlyInAnyOrderElementsOf(webhooks.stream()
                        .map(vendor -> "POST /webhooks/" + vendor.vendor())
                        .toList());
    }

    @Test
    void the_fields_of_an_access_line_are_those_that_are_documented() {
        assertThat(Page.of("operating.md").table("field").stream().flatMap(row -> Page.code(row.getFirst()).stream()))
                .containsExactlyElementsOf(Stream.of(AccessLine.class.getRecordComponents())
                        .map(component ->
                                component.getName().replaceAll("(?=[A-Z])", "_").toLowerCase(Locale.ROOT))
                        .toList());
    }

    @Test
    void the_table_of_metrics_is_what_is_scraped() throws IOException, InterruptedException {
        Set<String> documented = new TreeSet<>(Page.of("operating.md").names("metric"));
        // Comes when a circuit breaker opens for the first time; FailingVendorTest opens one.
        documented.remove("sluice_circuit_open");
        refuseOneCall();
        failOneExport();

        Set<String> scraped = scraped();
        scraped.remove("sluice_circuit_open");
        assertThat(documented).isEqualTo(scraped);
    }

    /** The counter of refusals is there only when something has been refused. */
    private static void refuseOneCall() {
        given().header("Authorization", "Bearer dev-key").post("/api/limits/clari/default/pause");
        try {
            given().header("apikey", "dev-key")
                    .header("Prefer", "wait=0")
                    .get("/clari/v4/admin/limits")
                    .then()
                    .statusCode(429);
        } finally {
            given().header("Authorization", "Bearer dev-key")
                    .post("/api/limits/clari/default/resume")
                    .then()
                    .statusCode(200);
        }
    }

    /** Steps and troubles of exports are counted only when there have been some. */
    private void failOneExport() throws IOException, InterruptedException {
        String location = given().header("Authorization", "Bearer dev-key")
                .contentType("application/json")
                .body("{\"vendor\":\"clari\",\"forecast\":\"failing_forecast\",\"periods\":[\"2026_Q1\"]}")
                .post("/api/exports")
                .header("Location");
        String events = "curl -sN -H 'Authorization: Bearer dev-key' '" + sluice.resolve(location) + "/events'";
        assertThat(run(Path.of("."), events)).contains("\"state\":\"failed\"");
    }

    private static Set<String> scraped() throws IOException {
        String text = Management.metrics();
        Map<String, String> types = new TreeMap<>();
        Pattern.compile("(?m)^# TYPE (sluice_\\w+) (\\w+)$")
                .matcher(text)
                .results()
                .forEach(line -> types.put(line.group(1), line.group(2)));
        // A summary's maximum is a family of its own.
        types.keySet().removeIf(name -> name.endsWith("_max") && types.containsKey(name.replaceFirst("_max$", "")));
        Set<String> names = new TreeSet<>();
        types.forEach(
                (name, type) -> names.add(type.equals("counter") && !name.endsWith("_total") ? name + "_total" : name));
        return names;
    }

    /** Runs a curl; returns its output, and on a last line the status. */
    private static String shell(String command) throws IOException, InterruptedException {
        return run(Path.of("."), command.replaceFirst("^curl ", "curl -sS -w '\\\\n%{http_code}' "));
    }

    private static String run(Path folder, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
