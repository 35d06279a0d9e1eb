package io.sluice.web;

import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.window.Limit;
import io.sluice.call.CredentialStates;
import io.sluice.gateway.CircuitBreakers;
import io.sluice.http.StrictBody;
import io.sluice.operator.Attribution;
import io.sluice.operator.LimitSettings;
import io.sluice.problem.AccountPath;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP resource for the limits of every account: their state and queues, and controls to pause, resume and
 * change them.
 */
@Path("/api/limits")
@Authenticated
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Limits", description = "Limits: what is left of them, and queues")
public class LimitsResource {
    private static final String HOLDS = "In force at once in this process, within"
            + " sluice.operator-settings.poll-interval in all others that share the database, and over restarts. While"
            + " the database is away it is in force in this process only, which `durable: false` tells, and stored as"
            + " soon as that answers.";

    private final Budget budget;
    private final LimitSettings settings;
    private final CredentialStates credentials;
    private final CircuitBreakers breakers;
    private final InstantSource clock;
    private final SecurityIdentity caller;
    private final AdminLog log;

    LimitsResource(
            Budget budget,
            LimitSettings settings,
            CredentialStates credentials,
            CircuitBreakers breakers,
            InstantSource clock,
            SecurityIdentity caller,
            AdminLog log) {
        this.budget = budget;
        this.settings = settings;
        this.credentials = credentials;
        this.breakers = breakers;
        this.clock = clock;
        this.caller = caller;
        this.log = log;
    }

    @GET
    @NonBlocking
    @Operation(operationId = "listLimits", summary = "Every account's limits and queues")
    public LimitsView.Accounts all() {
        return new LimitsView.Accounts(budget.states().stream().map(this::view).toList());
    }

    @GET
    @NonBlocking
    @Path("/{vendor}/{account}")
    @Operation(operationId = "getLimits", summary = "One account's limits and queues")
    @FailsWith(Kind.NOT_FOUND)
    public LimitsView one(String vendor, String account) {
        return view(state(AccountPath.of(vendor, account)));
    }

    @POST
    @Path("/{vendor}/{account}/pause")
    @RunOnVirtualThread
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Team.ADMIN)
    @Operation(
            operationId = "pauseAccount",
            summary = "Pause an account: its calls wait; those in flight go on",
            description = HOLDS)
    @RequestBody(
            content =
                    @Content(
                            schema = @Schema(implementation = SettingRequest.class),
                            examples = @ExampleObject(name = "reason", value = SettingRequest.EXAMPLE)))
    @FailsWith({Kind.MALFORMED_JSON, Kind.NOT_FOUND, Kind.TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE, Kind.INVALID})
    @CustomDeserialization(StrictBody.class)
    public LimitsView pause(String vendor, String account, @Valid @Nullable SettingRequest request) {
        AccountId id = known(vendor, account);
        Attribution attribution = SettingRequest.attribution(request, team(), clock.instant());
        boolean durable = settings.pause(id, attribution);
        did("pause", durable, SettingRequest.details(attribution, "vendor", vendor, "account", account));
        return view(state(id));
    }

    @POST
    @Path("/{vendor}/{account}/resume")
    @RunOnVirtualThread
    @RolesAllowed(Team.ADMIN)
    @Operation(operationId = "resumeAccount", summary = "End a pause", description = HOLDS)
    @FailsWith(Kind.NOT_FOUND)
    public LimitsView resume(String vendor, String account) {
        AccountId id = known(vendor, account);
        boolean durable = settings.resume(id);
        did("resume", durable, "vendor", vendor, "account", account);
        return view(state(id));
    }

    @PUT
    @Path("/{vendor}/{account}/{limit}")
    @RunOnVirtualThread
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Team.ADMIN)
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = LimitChange.class),
                            examples = @ExampleObject(name = "permits", value = "{\"permits\":5}")))
    @FailsWith({Kind.MALFORMED_JSON, Kind.NOT_FOUND, Kind.TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE, Kind.INVALID})
    @Operation(
            operationId = "changeLimit",
            summary = "Change a limit in place of its configuration",
            description = "Fields that are left out stay as they are. Permits that were taken stay counted. " + HOLDS)
    @CustomDeserialization(StrictBody.class)
    public LimitsView change(String vendor, String account, String limit, @Valid @NotNull LimitChange change) {
        AccountId id = AccountPath.of(vendor, account);
        Limit current = limit(id, limit).limit();
        Limit changed = changed(change, current);
        Attribution attribution = SettingRequest.attribution(change.setting(), team(), clock.instant());
        boolean durable = true;
        if (change.hasNumbers()) {
            durable = settings.change(id, changed, attribution);
        } else if (attribution.until() != null) {
            throw new ApiException(Kind.INVALID, "until and for_ms need permits, window_ms, limiter or burst");
        }
        if (change.bursts() != null) {
            budget.resumeBursts(id.toString(), limit);
        }
        did(
                "change-limit",
                durable,
                SettingRequest.details(
                        attribution, "vendor", vendor, "account", account, "before", current, "after", changed));
        return view(state(id));
    }

    private static Limit changed(LimitChange change, Limit current) {
        try {
            return change.applied(current);
        } catch (IllegalArgumentException e) {
            throw new ApiException(Kind.INVALID, String.valueOf(e.getMessage()));
        }
    }

    @DELETE
    @Path("/{vendor}/{account}/{limit}")
    @RunOnVirtualThread
    @RolesAllowed(Team.ADMIN)
    @FailsWith(Kind.NOT_FOUND)
    @Operation(
            operationId = "restoreLimit",
            summary = "Return a limit to its configuration",
            description = "Permits that were taken stay counted. " + HOLDS)
    public LimitsView restore(String vendor, String account, String limit) {
        AccountId id = AccountPath.of(vendor, account);
        Limit before = limit(id, limit).limit();
        boolean durable = settings.restore(id, limit);
        Limit after = limit(id, limit).limit();
        did("restore-limit", durable, "vendor", vendor, "account", account, "before", before, "after", after);
        return view(state(id));
    }

    @POST
    @Path("/{vendor}/{account}/{limit}/reset")
    @NonBlocking
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Team.ADMIN)
    @Operation(
            operationId = "resetLimit",
            summary = "Correct a limit's count by hand",
            description = "For when Sluice counts calls that were never sent, as it may after a crash or a lost"
                    + " checkpoint. The limit, with each of its counters where there is one for each user, for"
                    + " instance, drops: calls that have ended; what counts as sent before a crash; a closing by the"
                    + " vendor; the margin added to its window after unexplained refusals; the readings of the"
                    + " vendor's headers. Calls in flight stay counted. The account and operations stay closed and"
                    + " paused as they are. The vendor may have counted more, and refuse.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = Reset.class),
                            examples =
                                    @ExampleObject(
                                            name = "reason",
                                            value = "{\"reason\":\"counted twice after the crash of 12:04\"}")))
    @FailsWith({Kind.MALFORMED_JSON, Kind.NOT_FOUND, Kind.TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE, Kind.INVALID})
    @CustomDeserialization(StrictBody.class)
    public LimitsView reset(String vendor, String account, String limit, @Valid @NotNull Reset reset) {
        AccountId id = AccountPath.of(vendor, account);
        LimitState before = limit(id, limit);
        budget.reset(id.toString(), limit);
        LimitState after = limit(id, limit);
        log.did(
                "reset-limit",
                "vendor",
                vendor,
                "account",
                account,
                "limit",
                limit,
                "used_before",
                before.used(),
                "used_after",
                after.used(),
                "reason",
                reset.reason());
        return view(state(id));
    }

    /** The reason for correcting a limit's count. */
    @Schema(name = "LimitReset")
    public record Reset(
            @NotBlank
            @Size(max = SettingRequest.LONGEST_REASON)
            @Schema(
                    required = true,
                    description = "The reason, for the log: no longer than 500 characters",
                    examples = "counted twice after the crash of 12:04, see incident 4711")
            String reason) {}

    private LimitState limit(AccountId account, String limit) {
        AccountState state = state(account);
        return state.limits().stream()
                .filter(candidate -> candidate.limit().name().equals(limit))
                .findFirst()
                .orElseThrow(() -> new ApiException(
                        Kind.NOT_FOUND,
                        account + " has no limit " + limit + "; there are "
                                + state.limits().stream()
                                        .map(each -> each.limit().name())
                                        .toList()));
    }

    /** Returns the identity of an account that is configured. */
    private AccountId known(String vendor, String account) {
        AccountId id = AccountPath.of(vendor, account);
        AccountState _ = state(id);
        return id;
    }

    private AccountState state(AccountId account) {
        return budget.state(account.toString())
                .orElseThrow(() -> new ApiException(
                        Kind.NOT_FOUND,
                        "there is no account " + account + "; there are "
                                + budget.states().stream()
                                        .map(AccountState::account)
                                        .toList()));
    }

    private LimitsView view(AccountState state) {
        AccountId id = AccountId.parse(state.account());
        return LimitsView.of(state, credentials.refused(id), breakers.open(), settings(id, state), clock.instant());
    }

    private LimitsView.Settings settings(AccountId account, AccountState state) {
        Map<String, Attribution> changes = new HashMap<>();
        for (LimitState each : state.limits()) {
            String name = each.limit().name();
            settings.change(account, name).ifPresent(attribution -> changes.put(name, attribution));
        }
        return new LimitsView.Settings(settings.pause(account).orElse(null), changes, settings.isDurable(account));
    }

    /** Logs an action, and that it is not durable if the database was away. */
    private void did(String action, boolean durable, Object... details) {
        if (durable) {
            log.did(action, details);
        } else {
            Object[] more = Arrays.copyOf(details, details.length + 2);
            more[details.length] = "durable";
            more[details.length + 1] = false;
            log.did(action, more);
        }
    }

    private Team team() {
        return TeamIdentities.teamOf(caller);
    }
}
