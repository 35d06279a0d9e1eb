package io.sluice.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.sluice.budget.window.Limiter;
import io.sluice.export.job.Export;
import io.sluice.export.job.JobState;
import io.sluice.problem.Problem;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the API document says about Sluice's own API. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@SuppressWarnings("NullAway.Init") // injected
class OpenApiTest {
    @Inject
    EventStreams streams;

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

    @Test
    void every_operation_has_an_id_of_its_own() {
        Map<String, Map<String, Map<String, Object>>> paths = document().getMap("paths");

        assertThat(paths.values())
                .flatExtracting(Map::values)
                .extracting(operation -> operation.get("operationId"))
                .doesNotContainNull()
                .doesNotHaveDuplicates();
    }

    @Test
    void the_topics_are_those_that_can_be_watched() {
        List<Map<String, Object>> parameters = document().getList("paths.'/api/events'.get.parameters");

        assertThat(parameters)
                .filteredOn(parameter -> "topics".equals(parameter.get("name")))
                .singleElement()
                .extracting("schema.items.enum")
                .isEqualTo(List.copyOf(streams.topics()));
    }

    @Test
    void the_values_of_enums_are_those_of_the_code() {
        JsonPath document = document();
        List<String> states =
                Arrays.stream(Export.State.values()).map(Export.State::code).toList();
        List<Map<String, Object>> parameters = document.getList("paths.'/api/exports'.get.parameters");

        assertThat(document.getList("components.schemas.Export.properties.state.enum"))
                .isEqualTo(states);
        assertThat(parameters)
                .filteredOn(parameter -> "state".equals(parameter.get("name")))
                .singleElement()
                .extracting("schema.enum")
                .isEqualTo(states);
        assertThat(document.getList("components.schemas.ExportPart.properties.state.enum"))
                .isEqualTo(Arrays.stream(JobState.Name.values())
                        .map(JobState.Name::code)
                        .toList());
        assertThat(document.getList("components.schemas.Limit.properties.limiter.enum"))
                .hasSameSizeAs(Limiter.values());
    }

    @Test
    void a_field_is_required_unless_it_may_be_missing() {
        assertThat(document().getList("components.schemas.ExportPart.required"))
                .containsExactlyInAnyOrder("part", "state", "attempts", "polls", "bytes");
        assertThat(document().getList("components.schemas.NewClariExport.required"))
                .containsExactlyInAnyOrder("vendor", "forecast", "periods");
    }

    @Test
    void the_flags_of_a_part_stand_beside_its_other_fields() {
        assertThat(document().getMap("components.schemas.ExportPart.properties"))
                .containsKeys("rows_truncated", "cells_truncated")
                .doesNotContainKey("flags");
    }

    @Test
    void an_accepted_order_says_where_it_is() {
        assertThat(document().getMap("paths.'/api/exports'.post.responses.'202'.headers"))
                .containsKey("Location");
        assertThat(document().getMap("paths.'/api/customerio/people'.post.responses.'202'.headers"))
                .containsKey("Location");
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
