package io.sluice.saas.customerio;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.AccountId;
import io.sluice.http.Ndjson;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.sluice.webhook.WebhookEvents;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource for reading Customer.io's reporting events, for any number of readers. */
@Path("/api/customerio/webhook-events")
@Authenticated
@RunOnVirtualThread
@Tag(name = "Customer.io", description = "Many people at once, and Customer.io's reporting events")
public class CustomerioEventsResource {
    private final WebhookEvents events;
    private final ReportingWebhooks webhooks;
    private final SecurityIdentity caller;

    CustomerioEventsResource(WebhookEvents events, ReportingWebhooks webhooks, SecurityIdentity caller) {
        this.events = events;
        this.webhooks = webhooks;
        this.caller = caller;
    }

    /**
     * A line of the response, as the OpenAPI document describes it.
     *
     * @param event as Customer.io sent it
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "CustomerioWebhookEvent", description = "A reporting event with its place among those stored")
    record WebhookEvent(
            @Schema(description = "The value of after for the next read")
            long cursor,

            Instant receivedAt,
            ReportedEvent event) {}

    /** Customer.io's event, as the OpenAPI document describes it; its other fields depend on its metric. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(
            name = "CustomerioReportingEvent",
            description = "The event as Customer.io sent it",
            additionalProperties = Schema.True.class)
    record ReportedEvent(
            @Schema(description = "Unique to the event") String eventId,

            @Schema(
                    description = "What the event is about",
                    examples = {"email", "customer"})
            @Nullable
            String objectType,

            @Schema(
                    description = "The event's metric",
                    examples = {"delivered", "opened"})
            @Nullable
            String metric,

            @Schema(description = "When, in seconds since 1970") @Nullable
            Long timestamp,

            @Schema(description = "Details of the delivery") @Nullable
            Map<String, Object> data) {}

    @GET
    @Produces("application/x-ndjson")
    @Operation(
            operationId = "listCustomerioWebhookEvents",
            summary = "Reporting events of the last days, one JSON object a line",
            description =
                    "Each has a cursor; ask again with after= the last one. Without new events, the response is empty.")
    @APIResponse(
            responseCode = "200",
            description = "One event a line, the oldest first",
            content = @Content(mediaType = Ndjson.TYPE, schema = @Schema(implementation = WebhookEvent.class)))
    @FailsWith({Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.INVALID, Kind.UNAVAILABLE})
    public String after(
            @Parameter(description = "The account's name") @QueryParam("account") @DefaultValue("default")
                    String account,
            @Parameter(description = "The cursor of the last event that was read")
                    @QueryParam("after")
                    @DefaultValue("0")
                    @Min(0)
                    long after,
            @Parameter(description = "Events at most") @QueryParam("limit") @DefaultValue("1000") @Min(1) @Max(5000)
                    int limit) {
        Team team = TeamIdentities.teamOf(caller);
        if (!team.may(Customerio.NAME, "webhook-events", true)) {
            throw new ApiException(Kind.FORBIDDEN, "team " + team.name() + " may not read at " + Customerio.NAME);
        }
        if (!webhooks.accounts().contains(account)) {
            throw new ApiException(Kind.NOT_FOUND, "account " + account + " has no webhook-key");
        }
        List<WebhookEvents.Event> found = events.after(new AccountId(Customerio.NAME, account), after, limit);
        StringBuilder lines = new StringBuilder();
        for (WebhookEvents.Event event : found) {
            lines.append("{\"cursor\":")
                    .append(event.place())
                    .append(",\"received_at\":\"")
                    .append(event.receivedAt())
                    .append("\",\"event\":")
                    .append(event.body())
                    .append("}\n");
        }
        return lines.toString();
    }
}
