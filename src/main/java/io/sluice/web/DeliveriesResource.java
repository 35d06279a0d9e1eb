package io.sluice.web;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.delivery.Deliveries;
import io.sluice.delivery.Deliveries.Queue;
import io.sluice.delivery.Deliveries.StoredDelivery;
import io.sluice.delivery.Mode;
import io.sluice.http.StrictBody;
import io.sluice.operator.Attribution;
import io.sluice.problem.AccountPath;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource for deliveries: their states, queues and dead letters. A team sees its own, an admin all. */
@Path("/api/deliveries")
@Authenticated
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Deliveries", description = "Calls that were accepted to be made later")
public class DeliveriesResource {
    private static final String CURSOR = "dlv_[0-9A-Z]{26}:\\d{1,9}";

    private final Deliveries deliveries;
    private final Budget budget;
    private final InstantSource clock;
    private final SecurityIdentity caller;
    private final AdminLog log;

    DeliveriesResource(
            Deliveries deliveries, Budget budget, InstantSource clock, SecurityIdentity caller, AdminLog log) {
        this.deliveries = deliveries;
        this.budget = budget;
        this.clock = clock;
        this.caller = caller;
        this.log = log;
    }

    @GET
    @Path("/{id}")
    @FailsWith({Kind.NOT_FOUND, Kind.UNAVAILABLE})
    @Operation(
            operationId = "getDelivery",
            summary = "The state of an accepted call",
            description =
                    "Known while it waits, while it holds dead letters, and for sluice.deliveries.delivered-retention after"
                            + " it is delivered.")
    public DeliveryView one(String id) {
        return DeliveryView.of(found(id), team().admin());
    }

    @GET
    @Operation(operationId = "listDeliveries", summary = "Calls with dead letters, the oldest first")
    @FailsWith({Kind.INVALID, Kind.UNAVAILABLE})
    public DeliveryView.Page dead(
            @Parameter(description = "The state; only dead letters are listed")
                    @QueryParam("state")
                    @DefaultValue("dead")
                    @Pattern(regexp = "dead", message = "must be dead: only dead letters are listed")
                    String state,
            @Parameter(description = "Only those of this vendor") @QueryParam("vendor") @Nullable String vendor,
            @Parameter(description = "Only those of this account") @QueryParam("account") @Nullable String account,
            @Parameter(description = "Only those of this team") @QueryParam("team") @Nullable String team,
            @Parameter(description = "The value of cursor in the page before")
                    @QueryParam("cursor")
                    @Pattern(regexp = CURSOR)
                    @Nullable
                    String cursor,
            @Parameter(description = "Calls on the page") @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1000)
                    int limit) {
        Deliveries.Page page = deliveries.dead(mine(vendor, account, team), cursor, limit);
        boolean admin = team().admin();
        return new DeliveryView.Page(
                page.deliveries().stream()
                        .map(delivery -> DeliveryView.of(delivery, admin))
                        .toList(),
                page.next());
    }

    @GET
    @Path("/queues")
    @FailsWith(Kind.UNAVAILABLE)
    @Operation(
            operationId = "listDeliveryQueues",
            summary = "Waiting messages, those in delivery and dead letters, for each team and account",
            description = "An account that is paused at /api/limits is shown as paused too.")
    public List<DeliveryView.Queue> queues() {
        return queues(mine(null, null, null));
    }

    @POST
    @Path("/queues/{vendor}/{account}/pause")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Team.ADMIN)
    @FailsWith({
        Kind.MALFORMED_JSON,
        Kind.NOT_FOUND,
        Kind.TOO_LARGE,
        Kind.UNSUPPORTED_MEDIA_TYPE,
        Kind.INVALID,
        Kind.UNAVAILABLE
    })
    @CustomDeserialization(StrictBody.class)
    @RequestBody(
            content =
                    @Content(
                            schema = @Schema(implementation = SettingRequest.class),
                            examples = @ExampleObject(name = "reason", value = SettingRequest.EXAMPLE)))
    @Operation(
            operationId = "pauseDeliveries",
            summary = "Pause the deliveries to an account; work is accepted, and calls that are made at once go on",
            description =
                    "Valid in every process, and over restarts. Deliveries in progress go on. While the database is"
                            + " away nothing is delivered, and a pause is refused.")
    public List<DeliveryView.Queue> pause(String vendor, String account, @Valid @Nullable SettingRequest request) {
        return set(vendor, account, Mode.PAUSED, request);
    }

    @POST
    @Path("/queues/{vendor}/{account}/drain")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Team.ADMIN)
    @FailsWith({
        Kind.MALFORMED_JSON,
        Kind.NOT_FOUND,
        Kind.TOO_LARGE,
        Kind.UNSUPPORTED_MEDIA_TYPE,
        Kind.INVALID,
        Kind.UNAVAILABLE
    })
    @CustomDeserialization(StrictBody.class)
    @RequestBody(
            content =
                    @Content(
                            schema = @Schema(implementation = SettingRequest.class),
                            examples = @ExampleObject(name = "reason", value = SettingRequest.EXAMPLE)))
    @Operation(
            operationId = "drainDeliveries",
            summary = "Drain an account's queues: waiting messages are delivered, no more are accepted",
            description = "New work gets 429. Drained once pending and in_flight are 0 everywhere. Dead letters stay.")
    public List<DeliveryView.Queue> drain(String vendor, String account, @Valid @Nullable SettingRequest request) {
        return set(vendor, account, Mode.DRAINING, request);
    }

    @POST
    @Path("/queues/{vendor}/{account}/resume")
    @RolesAllowed(Team.ADMIN)
    @Operation(operationId = "resumeDeliveries", summary = "End a pause or a drain: accept and deliver as usual")
    @FailsWith({Kind.NOT_FOUND, Kind.UNAVAILABLE})
    public List<DeliveryView.Queue> resume(String vendor, String account) {
        return set(vendor, account, Mode.RUNNING, null);
    }

    private List<DeliveryView.Queue> set(String vendor, String account, Mode mode, @Nullable SettingRequest request) {
        AccountId id = AccountPath.of(vendor, account);
        if (budget.state(id.toString()).isEmpty()) {
            throw new ApiException(Kind.NOT_FOUND, "there is no account " + id);
        }
        Attribution attribution = SettingRequest.attribution(request, team(), clock.instant());
        deliveries.set(id, mode, attribution);
        log.did(action(mode), SettingRequest.details(attribution, "vendor", vendor, "account", account));
        return queues(mine(vendor, account, null));
    }

    private static String action(Mode mode) {
        return switch (mode) {
            case PAUSED -> "pause-deliveries";
            case DRAINING -> "drain-deliveries";
            case RUNNING -> "resume-deliveries";
        };
    }

    private List<DeliveryView.Queue> queues(Predicate<Queue> shown) {
        Instant now = clock.instant();
        return deliveries.queues().stream()
                .filter(shown)
                .map(queue -> DeliveryView.of(queue, paused(queue), now))
                .toList();
    }

    /** The number of messages that an action changed. */
    @Schema(name = "LetterCount")
    public record Count(@JsonProperty("letters") int messages) {}

    @POST
    @Path("/{id}/replay")
    @Operation(operationId = "replayDelivery", summary = "Put a call's dead letters back into the queue")
    @FailsWith({Kind.NOT_FOUND, Kind.CONFLICT, Kind.UNAVAILABLE})
    public Count replay(String id) {
        StoredDelivery delivery = found(id);
        int redriven = deliveries.redrive(id);
        if (redriven == 0) {
            throw new ApiException(Kind.CONFLICT, id + " has no dead letters");
        }
        if (team().admin()) {
            log.did("replay-delivery", "delivery", id, "of", delivery.team(), "messages", redriven);
        }
        return new Count(redriven);
    }

    @POST
    @Path("/replay")
    @Operation(
            operationId = "replayDeliveries",
            summary = "Put all dead letters that match a filter back into the queue")
    @FailsWith(Kind.UNAVAILABLE)
    public Count replayAll(
            @Parameter(description = "Only those of this vendor") @QueryParam("vendor") @Nullable String vendor,
            @Parameter(description = "Only those of this account") @QueryParam("account") @Nullable String account,
            @Parameter(description = "Only those of this team") @QueryParam("team") @Nullable String team,
            @Parameter(description = "A part of the reason") @QueryParam("reason") @DefaultValue("") String reason) {
        int redriven = deliveries.redrive(mine(vendor, account, team), reason);
        if (team().admin()) {
            log.did(
                    "replay-deliveries",
                    "vendor",
                    vendor == null ? "*" : vendor,
                    "account",
                    account == null ? "*" : account,
                    "of",
                    team == null ? "*" : team,
                    "reason",
                    reason,
                    "messages",
                    redriven);
        }
        return new Count(redriven);
    }

    @DELETE
    @Path("/{id}")
    @FailsWith({Kind.NOT_FOUND, Kind.CONFLICT, Kind.UNAVAILABLE})
    @Operation(
            operationId = "deleteDelivery",
            summary = "Delete a call's dead letters, and cancel its waiting messages",
            description = "Messages that are being delivered at the moment are not cancelled.")
    public Count delete(String id) {
        StoredDelivery delivery = found(id);
        int deleted = deliveries.delete(id);
        if (deleted == 0) {
            throw new ApiException(Kind.CONFLICT, "nothing of " + id + " waits or is dead");
        }
        if (team().admin()) {
            log.did("delete-delivery", "delivery", id, "of", delivery.team(), "messages", deleted);
        }
        return new Count(deleted);
    }

    private StoredDelivery found(String id) {
        Team team = team();
        return deliveries
                .find(id)
                .filter(delivery -> team.admin() || delivery.team().equals(team.name()))
                .orElseThrow(() -> new ApiException(
                        Kind.NOT_FOUND,
                        "there is no delivery " + id + ", or it was delivered and its record is deleted"));
    }

    private Predicate<Queue> mine(@Nullable String vendor, @Nullable String account, @Nullable String whose) {
        Team team = team();
        return queue -> (team.admin() || queue.team().equals(team.name()))
                && (vendor == null
                        || vendor.equals(queue.destination().account().vendor()))
                && (account == null
                        || account.equals(queue.destination().account().account()))
                && (whose == null || whose.equals(queue.team()));
    }

    private boolean paused(Queue queue) {
        return budget.state(queue.destination().account().toString())
                .map(Budget.AccountState::paused)
                .orElse(false);
    }

    private Team team() {
        return TeamIdentities.teamOf(caller);
    }
}
