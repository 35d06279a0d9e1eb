package io.sluice.web;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import io.sluice.budget.window.Limiter;
import io.sluice.export.job.Export;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.problem.FailsWith;
import io.sluice.problem.GatewayError;
import io.sluice.problem.Problem;
import io.sluice.problem.Problem.Kind;
import jakarta.annotation.security.RolesAllowed;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.examples.Example;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationTarget;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.RecordComponentInfo;
import org.jspecify.annotations.Nullable;

/**
 * A filter that adds to the OpenAPI document what follows from the code, when the application is built: the ways to
 * authenticate; the required fields (those that are not {@code @Nullable}); the values of enums; the problems of each
 * operation (see {@link FailsWith}); and descriptions and examples for parameters that many paths share.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class ApiDocument implements OASFilter {
    private static final String BEARER = "bearer";
    private static final String BASIC = "basic";
    private static final String API_KEY = "apiKey";
    private static final String PROBLEM = "Problem";

    private static final DotName OPERATION =
            DotName.createSimple(org.eclipse.microprofile.openapi.annotations.Operation.class.getName());
    private static final DotName SCHEMA =
            DotName.createSimple(org.eclipse.microprofile.openapi.annotations.media.Schema.class.getName());
    private static final DotName FAILS = DotName.createSimple(FailsWith.class.getName());
    private static final DotName ROLES = DotName.createSimple(RolesAllowed.class.getName());
    private static final DotName NAMING = DotName.createSimple(JsonNaming.class.getName());
    private static final DotName NULLABLE = DotName.createSimple(Nullable.class.getName());

    /** Path parameters by name: their descriptions, and examples that work in the sandbox, one for each vendor. */
    private static final Map<String, SharedParameter> PARAMETERS = Map.of(
            "vendor", new SharedParameter("The vendor's name", List.of("clari", "clerk", "customerio", "fathom")),
            "account", new SharedParameter("The account's name", List.of("default")),
            "limit", new SharedParameter("The limit's name", List.of("api", "instance", "track", "account")),
            "id", new SharedParameter("The id that was given when the work was accepted", List.of()),
            "part", new SharedParameter("The part's name", List.of("2026_Q1", "customers")));

    private record SharedParameter(String description, List<String> examples) {}

    private final IndexView index;
    private final Map<String, MethodInfo> methods = new HashMap<>();

    /** @param index the classes of the application */
    public ApiDocument(IndexView index) {
        this.index = index;
        for (AnnotationInstance operation : index.getAnnotations(OPERATION)) {
            AnnotationValue id = operation.value("operationId");
            if (id != null && operation.target().kind() == AnnotationTarget.Kind.METHOD) {
                methods.put(id.asString(), operation.target().asMethod());
            }
        }
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        document.getComponents()
                .addSchema(PROBLEM, problem())
                .addResponse(
                        PROBLEM,
                        OASFactory.createAPIResponse().description("The error").content(problemContent(List.of())))
                .addSecurityScheme(
                        BEARER,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .description("The team's key"))
                .addSecurityScheme(
                        BASIC,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("basic")
                                .description("The team's key as password, or as user with no password"))
                .addSecurityScheme(
                        API_KEY,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.APIKEY)
                                .in(SecurityScheme.In.HEADER)
                                .name("X-Api-Key")
                                .description("The team's key"));
        Map<String, Schema> schemas = document.getComponents().getSchemas();
        Objects.requireNonNull(schemas.get("Person"), "Person").addProperty("attributes", attributes());
        requireWhatIsAlwaysThere(schemas);
        enumerate(schemas);
        document.getPaths().getPathItems().values().stream()
                .flatMap(path -> path.getOperations().values().stream())
                .forEach(this::complete);
    }

    // Schemas.

    /** A component of a record that is not {@code @Nullable} is required, in requests and in responses. */
    private void requireWhatIsAlwaysThere(Map<String, Schema> schemas) {
        for (ClassInfo type : index.getKnownClasses()) {
            if (!type.isRecord() || !type.name().toString().startsWith(ApiDocument.class.getPackageName() + '.')) {
                continue;
            }
            Schema schema = schemas.get(schemaName(type));
            if (schema == null || schema.getProperties() == null) {
                continue;
            }
            List<String> required = new ArrayList<>();
            for (RecordComponentInfo component : type.recordComponentsInDeclarationOrder()) {
                String name = jsonName(type, component.name());
                if (!component.type().hasAnnotation(NULLABLE)
                        && schema.getProperties().containsKey(name)) {
                    required.add(name);
                }
            }
            schema.setRequired(required.isEmpty() ? null : required);
        }
    }

    private static String schemaName(ClassInfo type) {
        AnnotationInstance schema = type.declaredAnnotation(SCHEMA);
        AnnotationValue name = schema == null ? null : schema.value("name");
        return name == null ? type.simpleName() : name.asString();
    }

    private static String jsonName(ClassInfo type, String component) {
        return type.hasDeclaredAnnotation(NAMING) ? new SnakeCaseStrategy().translate(component) : component;
    }

    /** The schema of any JSON object. The scanner takes Jackson's class for an array, since it is iterable. */
    private static Schema attributes() {
        return OASFactory.createSchema()
                .addType(Schema.SchemaType.OBJECT)
                .description("Attributes to set, by name; a value may be anything in JSON")
                .addProperty("email", text("Where mails go to"))
                .addProperty(
                        "created_at",
                        OASFactory.createSchema()
                                .addType(Schema.SchemaType.INTEGER)
                                .format("int64")
                                .description("When the person signed up, in seconds since 1970"))
                .additionalPropertiesSchema(OASFactory.createSchema().booleanSchema(true));
    }

    private static void enumerate(Map<String, Schema> schemas) {
        enumerate(schemas, "Export", "state", exportStates());
        enumerate(schemas, "ExportPart", "state", codes(JobState.Name.values(), JobState.Name::code));
        enumerate(schemas, "ExportError", "type", codes(JobProblem.Kind.values(), kind -> Problem.TYPES + kind.code()));
        enumerate(schemas, "Limit", "limiter", limiters());
        enumerate(schemas, "LimitChange", "limiter", limiters());
        property(schemas, "ClariExportOptions", "typesToExport")
                .getItems()
                .setEnumeration(List.copyOf(NewExport.CLARI_TYPES));
    }

    private static void enumerate(Map<String, Schema> schemas, String name, String property, List<Object> values) {
        property(schemas, name, property).setEnumeration(values);
    }

    private static Schema property(Map<String, Schema> schemas, String name, String property) {
        Schema schema = schemas.get(name);
        if (schema == null
                || schema.getProperties() == null
                || !schema.getProperties().containsKey(property)) {
            throw new IllegalStateException("the OpenAPI document has no property " + name + "." + property);
        }
        return schema.getProperties().get(property);
    }

    private static List<Object> exportStates() {
        return codes(Export.State.values(), Export.State::code);
    }

    private static List<Object> limiters() {
        return codes(Limiter.values(), limiter -> limiter.name().toLowerCase(Locale.ROOT));
    }

    private static <E extends Enum<E>> List<Object> codes(E[] values, Function<E, String> code) {
        return Stream.of(values).<Object>map(code).toList();
    }

    // Operations.

    private void complete(Operation operation) {
        List<SecurityRequirement> either = new ArrayList<>();
        for (String scheme : List.of(BEARER, BASIC, API_KEY)) {
            either.add(OASFactory.createSecurityRequirement().addScheme(scheme));
        }
        operation.setSecurity(either);
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(ApiDocument::describe);
        }
        operation.getResponses().getAPIResponses().keySet().stream()
                .filter(status -> status.startsWith("4"))
                .toList()
                .forEach(operation.getResponses()::removeAPIResponse);
        Map<Integer, List<Kind>> byStatus = kinds(methods.get(operation.getOperationId())).stream()
                .collect(Collectors.groupingBy(Kind::status, TreeMap::new, Collectors.toList()));
        byStatus.forEach((status, kinds) ->
                operation.getResponses().addAPIResponse(Integer.toString(status), response(status, kinds)));
        operation
                .getResponses()
                .addAPIResponse("default", OASFactory.createAPIResponse().ref(PROBLEM));
    }

    private static Set<Kind> kinds(@Nullable MethodInfo method) {
        Set<Kind> kinds = EnumSet.of(Kind.UNAUTHENTICATED);
        if (method != null && method.hasDeclaredAnnotation(ROLES)) {
            kinds.add(Kind.FORBIDDEN);
        }
        AnnotationInstance fails = method == null ? null : method.declaredAnnotation(FAILS);
        if (fails != null) {
            for (String kind : fails.value().asEnumArray()) {
                kinds.add(Kind.valueOf(kind));
            }
        }
        return kinds;
    }

    private static APIResponse response(int status, List<Kind> kinds) {
        APIResponse response = OASFactory.createAPIResponse()
                .description(kinds.stream().map(Kind::title).collect(Collectors.joining("; ")))
                .content(problemContent(kinds));
        if (status == 429 || status == 503) {
            response.addHeader("Retry-After", seconds("When repeating the request may help, in seconds"));
        }
        return response;
    }

    private static Header seconds(String description) {
        return OASFactory.createHeader()
                .description(description)
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.INTEGER));
    }

    private static void describe(Parameter parameter) {
        if (parameter.getName().equals("topics")) {
            parameter.getSchema().getItems().setEnumeration(List.of(ExportsTopic.NAME));
            parameter.setExample(List.of(ExportsTopic.NAME));
        }
        SharedParameter shared = PARAMETERS.get(parameter.getName());
        if (shared == null || parameter.getIn() != Parameter.In.PATH) {
            return;
        }
        if (parameter.getDescription() == null) {
            parameter.setDescription(shared.description());
        }
        for (String value : shared.examples()) {
            parameter.addExample(value, OASFactory.createExample().value(value));
        }
    }

    // Problems.

    private static Content problemContent(List<Kind> kinds) {
        MediaType problem =
                OASFactory.createMediaType().schema(OASFactory.createSchema().ref(PROBLEM));
        for (Kind kind : kinds) {
            problem.addExample(kind.type().substring(Problem.TYPES.length()), example(kind));
        }
        return OASFactory.createContent().addMediaType(Problem.MEDIA_TYPE, problem);
    }

    private static Example example(Kind kind) {
        return OASFactory.createExample()
                .value(Map.of(
                        "type", kind.type(),
                        "title", kind.title(),
                        "status", kind.status(),
                        "request_id", "req_0123456789abcdef0123456789abcdef"));
    }

    private static Schema problem() {
        return OASFactory.createSchema()
                .addType(Schema.SchemaType.OBJECT)
                .description("An error (RFC 9457)")
                .addProperty(
                        "type", text("The kind of the problem; stable").enumeration(codes(Kind.values(), Kind::type)))
                .addProperty("title", text("The kind in words"))
                .addProperty(
                        "status",
                        OASFactory.createSchema()
                                .addType(Schema.SchemaType.INTEGER)
                                .description("The HTTP status"))
                .addProperty("detail", text("The cause in this case"))
                .addProperty("request_id", text("The request's id, to quote when asking the operators of Sluice"))
                .addProperty(
                        "retry_after_ms",
                        OASFactory.createSchema()
                                .addType(Schema.SchemaType.INTEGER)
                                .description("When repeating the request may help, for one that is refused for now"))
                .addProperty(
                        "refused_by",
                        text("What refuses the request for now: the limit, an admin's pause of the account, or the"
                                        + " circuit breaker that is open since the vendor fails")
                                .enumeration(codes(GatewayError.Refusal.values(), GatewayError.Refusal::tag)))
                .addProperty("limit", text("The limit that holds the request back"))
                .addProperty(
                        "calls_ahead",
                        OASFactory.createSchema()
                                .addType(Schema.SchemaType.INTEGER)
                                .description("The permits of that limit that go to calls ahead of this one"))
                .required(List.of("type", "title", "status", "request_id"));
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(Schema.SchemaType.STRING).description(description);
    }
}
