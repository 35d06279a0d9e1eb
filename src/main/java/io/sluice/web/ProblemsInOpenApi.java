package io.sluice.web;

import static java.util.Objects.requireNonNull;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Arrays;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;

/** Lists the stable problem types in the API document, and says of every operation that it may answer one. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class ProblemsInOpenApi implements OASFilter {
    private static final String NAME = "Problem";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Schema problem = requireNonNull(document.getComponents().getSchemas().get(NAME), NAME);
        Schema type = requireNonNull(problem.getProperties().get("type"), "type");
        Arrays.stream(Problem.Kind.values()).map(Problem.Kind::type).forEach(type::addEnumeration);
        document.getComponents()
                .addResponse(
                        NAME,
                        OASFactory.createAPIResponse()
                                .description("What went wrong")
                                .content(OASFactory.createContent()
                                        .addMediaType(
                                                Problem.MEDIA_TYPE,
                                                OASFactory.createMediaType()
                                                        .schema(OASFactory.createSchema()
                                                                .ref(NAME)))));
        document.getPaths().getPathItems().values().stream()
                .flatMap(path -> path.getOperations().values().stream())
                .forEach(ProblemsInOpenApi::mayFail);
    }

    private static void mayFail(Operation operation) {
        operation
                .getResponses()
                .addAPIResponse("default", OASFactory.createAPIResponse().ref(NAME));
    }
}
