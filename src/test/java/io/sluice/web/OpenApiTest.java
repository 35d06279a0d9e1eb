package io.sluice.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the API document says about Sluice's own API. */
@QuarkusTest
class OpenApiTest {
    @Test
    void lists_the_api_and_no_mounts() {
        Map<String, Map<String, Object>> paths = document().getMap("paths");

        assertThat(paths)
                .containsKeys(
                        "/api/clerk/users",
                        "/api/clerk/users/lookup",
                        "/api/limits",
                        "/api/limits/{vendor}/{account}",
                        "/api/limits/{vendor}/{account}/pause",
                        "/api/limits/{vendor}/{account}/resume",
                        "/api/limits/{vendor}/{account}/{limit}")
                .allSatisfy((path, operations) -> assertThat(path).startsWith("/api/"));
    }

    @Test
    void lists_every_stable_problem_type() {
        List<String> types = document().getList("components.schemas.Problem.properties.type.enum");

        assertThat(types)
                .containsExactlyElementsOf(Arrays.stream(Problem.Kind.values())
                        .map(Problem.Kind::type)
                        .toList());
    }

    @Test
    void says_of_every_operation_that_it_may_answer_a_problem() {
        Map<String, Map<String, Map<String, Object>>> paths = document().getMap("paths");

        assertThat(paths.values())
                .flatExtracting(Map::values)
                .isNotEmpty()
                .allSatisfy(operation -> assertThat(operation.get("responses"))
                        .extracting("default.$ref")
                        .isNotNull());
        assertThat(document()
                        .getString("components.responses.Problem.content.'application/problem+json'.schema.'$ref'"))
                .isEqualTo("#/components/schemas/Problem");
    }

    private static JsonPath document() {
        return given().accept("application/json")
                .get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }
}
