package io.sluice.readme;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.All;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.Limit;
import io.sluice.call.Operation;
import io.sluice.gateway.Management;
import io.sluice.vendor.Route;
import io.sluice.vendor.Vendor;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** README's commands work right after the start, and its tables of limits and metrics are complete. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class ReadmeTest {
    private static final String STARTED_AT = "http://localhost:8080/";
    private static final String MANAGED_AT = "http://localhost:9000/";

    private final Readme readme = Readme.read();

    @TestHTTPResource("/")
    URI sluice;

    @Inject
    @All
    List<Vendor> vendors;

    @Test
    void every_curl_answers() throws IOException, InterruptedException {
        List<String> curls = readme.commands("curl");

        assertThat(curls).hasSizeGreaterThanOrEqualTo(4);
        for (String curl : curls) {
            assertThat(curl).contains(STARTED_AT);
            String answer = shell(curl.replace(STARTED_AT, sluice.toString()));
            // A feed in which nothing stands yet is empty.
            assertThat(answer).as(curl).matches(curl.contains("?after=0") ? "(?s).*\\n2\\d\\d" : "(?s).+\\n2\\d\\d");
        }
    }

    @Test
    void an_export_is_ordered_followed_and_downloaded() throws IOException, InterruptedException {
        List<String> scripts = readme.blocks("bash");

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

    @Test
    void there_is_a_curl_for_every_mount_of_a_vendor() {
        String curls = String.join("\n", readme.commands("curl"));

        assertThat(vendors)
                .isNotEmpty()
                .allSatisfy(vendor -> assertThat(curls).contains(STARTED_AT + vendor.name() + "/"));
    }

    @Test
    void every_link_to_sluice_leads_somewhere() {
        Set<String> links = readme.lines()
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
        readme.rows(Pattern.compile("`[a-z]+` `[a-z-]+`")).forEach(row -> {
            String name = String.join("/", Readme.code(row.getFirst()));
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
    void the_table_of_operations_is_what_allow_may_name() {
        Map<String, List<List<String>>> documented = new TreeMap<>();
        readme.rows(Pattern.compile("operations of `[a-z]+`"))
                .forEach(row -> documented.put(
                        Readme.code(row.getFirst()).getFirst(),
                        List.of(Readme.code(row.get(1)), Readme.code(row.get(2)))));

        Map<String, List<List<String>>> actual = new TreeMap<>();
        vendors.forEach(
                vendor -> actual.put(vendor.name(), List.of(operations(vendor, true), operations(vendor, false))));
        assertThat(documented).isEqualTo(actual);
    }

    /** In alphabetical order, without those that are called as all that read or write. */
    private static List<String> operations(Vendor vendor, boolean reads) {
        return vendor.surfaces().stream()
                .flatMap(surface -> surface.routes().stream())
                .map(Route::operation)
                .filter(operation -> (operation.effect() == Operation.Effect.READ) == reads)
                .map(Operation::name)
                .filter(name -> !name.equals("read") && !name.equals("write"))
                .distinct()
                .sorted()
                .toList();
    }

    @Test
    void the_table_of_metrics_is_what_is_scraped() throws IOException, InterruptedException {
        Set<String> documented = readme.rows(Pattern.compile("`sluice_.*")).stream()
                .map(row -> Readme.code(row.getFirst()).getFirst())
                .collect(Collectors.toCollection(TreeSet::new));
        refuseOneCall();
        failOneExport();

        assertThat(documented).isEqualTo(scraped());
    }

    @Test
    void every_metric_of_an_alert_stands_in_the_table() {
        Set<String> documented = readme.rows(Pattern.compile("`sluice_.*")).stream()
                .map(row -> Readme.code(row.getFirst()).getFirst())
                .collect(Collectors.toSet());
        Set<String> used = readme.blocks("promql").stream()
                .flatMap(
                        alerts -> Pattern.compile("sluice_\\w+").matcher(alerts).results())
                .map(MatchResult::group)
                .collect(Collectors.toSet());

        assertThat(used).isNotEmpty().isSubsetOf(documented);
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

    /** What a command prints, and on a last line the status that curl got. */
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
