package io.sluice.web;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.sluice.vendor.customerio.ReportingWebhooks;
import io.sluice.web.Problem.Kind;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Customer.io's reporting events, for any number of readers. */
@Path("/api/customerio/webhook-events")
@Authenticated
@RunOnVirtualThread
@Tag(name = "Customer.io")
public class CustomerioEventsResource {
    private final WebhookEvents events;
    private final ReportingWebhooks webhooks;
    private final SecurityIdentity caller;

    CustomerioEventsResource(WebhookEvents events, ReportingWebhooks webhooks, SecurityIdentity caller) {
        this.events = events;
        this.webhooks = webhooks;
        this.caller = caller;
    }

    @GET
    @Produces("application/x-ndjson")
    @Operation(
            summary = "Reporting events of the last days, one JSON object a line",
            description =
                    "Each has a cursor; ask again with after= the last one. Nothing means that there is no more yet.")
    public String after(
            @QueryParam("account") @DefaultValue("default") String account,
            @Schema(description = "the cursor of the last event that was read")
                    @QueryParam("after")
                    @DefaultValue("0")
                    @Min(0)
                    long after,
            @QueryParam("limit") @DefaultValue("1000") @Min(1) @Max(5000) int limit) {
        Team team = TeamIdentities.teamOf(caller);
        if (!team.may("customerio", "webhook-events", true)) {
            throw new ApiException(Kind.FORBIDDEN, "team " + team.name() + " may not read at customerio");
        }
        if (!webhooks.accounts().contains(account)) {
            throw new ApiException(Kind.NOT_FOUND, "account " + account + " has no webhook-key");
        }
        List<WebhookEvents.Event> found = events.after("customerio", account, after, limit);
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
