package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.delivery.Deliveries;
import io.sluice.delivery.Deliveries.Acceptance;
import io.sluice.http.PermitWaitConfig;
import io.sluice.http.StrictBody;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.sluice.saas.customerio.Customerio;
import io.sluice.saas.customerio.delivery.BatchIdentify.IdentifyResult;
import io.sluice.saas.customerio.delivery.BatchIdentify.Person;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource that identifies many people of a Customer.io workspace at once. */
@Path("/api/customerio/people")
@Authenticated
@RunOnVirtualThread
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Customer.io", description = "Many people at once, and Customer.io's reporting events")
public class CustomerioPeopleResource {
    private static final String EXAMPLE =
            "{\"people\":[{\"id\":\"42\",\"attributes\":{\"email\":\"ada@example.com\",\"plan\":\"pro\",\"seats\":3}}]}";

    private static final int AT_ONCE = 1_000;
    private static final int MOST = 10_000;
    /** The length of Customer.io's longest id, in bytes. */
    private static final int MOST_ID_BYTES = 150;

    private final BatchIdentify people;
    private final Deliveries deliveries;
    private final PermitWaitConfig permitWait;
    private final SecurityIdentity caller;

    CustomerioPeopleResource(
            BatchIdentify people, Deliveries deliveries, PermitWaitConfig permitWait, SecurityIdentity caller) {
        this.people = people;
        this.deliveries = deliveries;
        this.permitWait = permitWait;
        this.caller = caller;
    }

    /** People to create or update. */
    @Schema(name = "People")
    public record IdentifyRequest(
            @Schema(defaultValue = "default") @Nullable String account,
            @NotEmpty @Size(max = MOST) List<@Valid @NotNull One> people) {
        /** One person. */
        @Schema(name = "Person")
        public record One(
                @NotBlank String id,

                @Schema(implementation = Object.class) @NotNull
                ObjectNode attributes) {}
    }

    /** The stored people, to be delivered later. */
    @Schema(name = "AcceptedPeople")
    record Accepted(
            @Schema(description = "The delivery's id") String id,

            @Schema(enumeration = "queued") String state) {}

    /** The results of all people, in the order given. */
    @Schema(name = "PeopleResults")
    public record Results(List<Result> results) {}

    /** The result of one person. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "PersonResult")
    public record Result(
            String id,
            boolean success,

            @Schema(description = "the vendor's reason") @Nullable
            String error,

            @Schema(description = "whether trying again may help") @Nullable
            Boolean retry) {}

    @POST
    @Operation(
            operationId = "identifyPeople",
            summary = "Create or update people",
            description = "Up to 1000 are identified before the response. More are stored, and delivered later.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = IdentifyRequest.class),
                            examples = @ExampleObject(name = "customerio", value = EXAMPLE)))
    @APIResponse(
            responseCode = "200",
            description = "The result for each person",
            content =
                    @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Results.class)))
    @APIResponse(
            responseCode = "202",
            description = "Stored; the delivery shows their state",
            headers =
                    @Header(
                            name = HttpHeaders.LOCATION,
                            description = "Path of the delivery",
                            required = true,
                            schema = @Schema(type = SchemaType.STRING)),
            content =
                    @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Accepted.class)))
    @FailsWith({
        Kind.MALFORMED_JSON,
        Kind.FORBIDDEN,
        Kind.NOT_FOUND,
        Kind.TOO_LARGE,
        Kind.UNSUPPORTED_MEDIA_TYPE,
        Kind.INVALID,
        Kind.TOO_MANY_REQUESTS,
        Kind.UNAVAILABLE
    })
    @CustomDeserialization(StrictBody.class)
    public Response identify(@Valid @NotNull IdentifyRequest request) throws InterruptedException {
        Team team = TeamIdentities.teamOf(caller);
        if (!team.may(Customerio.NAME, BatchIdentify.OPERATION, false)) {
            throw new ApiException(
                    Kind.FORBIDDEN,
                    "team " + team.name() + " may not call " + Customerio.NAME + ":" + BatchIdentify.OPERATION);
        }
        String account = Objects.requireNonNullElse(request.account(), "default");
        if (!people.serves(account)) {
            throw new ApiException(Kind.NOT_FOUND, "there is no account " + account + " with a Track API key");
        }
        List<Person> all = checked(request);
        if (all.size() > AT_ONCE) {
            return accepted(deliveries.accept(people.destination(account), team.name(), people.messages(all)));
        }
        List<IdentifyResult> identified = people.identify(account, team.name(), all, permitWait.byDefault());
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            results.add(result(all.get(i).id(), identified.get(i)));
        }
        return Response.ok(new Results(results)).build();
    }

    private List<Person> checked(IdentifyRequest request) {
        List<Person> all = new ArrayList<>();
        for (int i = 0; i < request.people().size(); i++) {
            IdentifyRequest.One one = request.people().get(i);
            Person person = new Person(one.id(), one.attributes());
            if (one.id().getBytes(StandardCharsets.UTF_8).length > MOST_ID_BYTES) {
                throw new ApiException(Kind.INVALID, "people[" + i + "].id may have " + MOST_ID_BYTES + " bytes");
            }
            int place = i;
            people.oversize(person).ifPresent(what -> {
                throw new ApiException(Kind.INVALID, "people[" + place + "]: " + what);
            });
            all.add(person);
        }
        return all;
    }

    private static Response accepted(Acceptance acceptance) {
        return switch (acceptance) {
            case Acceptance.Stored(String id) ->
                Response.accepted("{\"id\":\"" + id + "\",\"state\":\"queued\"}")
                        .header(HttpHeaders.LOCATION, "/api/deliveries/" + id)
                        .build();
            case Acceptance.Refused(String why, var retryAfter) ->
                throw new ApiException(Kind.TOO_MANY_REQUESTS, why, retryAfter);
        };
    }

    private static Result result(String id, IdentifyResult identified) {
        return switch (identified) {
            case IdentifyResult.Done() -> new Result(id, true, null, null);
            case IdentifyResult.Failed(String reason, boolean retryable) -> new Result(id, false, reason, retryable);
        };
    }
}
