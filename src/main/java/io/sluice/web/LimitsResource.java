package io.sluice.web;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.Authenticated;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.call.CredentialStates;
import io.sluice.gateway.CircuitBreakers;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.Team;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;
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
@NonBlocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Limits", description = "Limits: what is left of them, and queues")
public class LimitsResource {
    private static final int LONGEST_REASON = 500;

    private final Budget budget;
    private final CredentialStates credentials;
    private final CircuitBreakers breakers;
    private final InstantSource clock;
    private final AdminLog log;

    LimitsResource(
            Budget budget, CredentialStates credentials, CircuitBreakers breakers, InstantSource clock, AdminLog log) {
        this.budget = budget;
        this.credentials = credentials;
        this.breakers = breakers;
        this.clock = clock;
        this.log = log;
    }

    @GET
    @Operation(operationId = "listLimits", summary = "Every account's limits and queues")
    public LimitsView.Accounts all() {
        return new LimitsView.Accounts(budget.states().stream().map(this::view).toList());
    }

    @GET
    @Path("/{vendor}/{account}")
    @Operation(operationId = "getLimits", summary = "One account's limits and queues")
    @FailsWith(Kind.NOT_FOUND)
    public LimitsView one(String vendor, String account) {
        return view(state(vendor, account));
    }

    @POST
    @Path("/{vendor}/{account}/pause")
    @RolesAllowed(Team.ADMIN)
    @Operation(operationId = "pauseAccount", summary = "Pause an account: its calls wait; those in flight go on")
    @FailsWith(Kind.NOT_FOUND)
    public LimitsView pause(String vendor, String account) {
        budget.pause(state(vendor, account).account());
        log.did("pause", "vendor", vendor, "account", account);
        return one(vendor, account);
    }

    @POST
    @Path("/{vendor}/{account}/resume")
    @RolesAllowed(Team.ADMIN)
    @Operation(operationId = "resumeAccount", summary = "End a pause")
    @FailsWith(Kind.NOT_FOUND)
    public LimitsView resume(String vendor, String account) {
        budget.resume(state(vendor, account).account());
        log.did("resume", "vendor", vendor, "account", account);
        return one(vendor, account);
    }

    @PUT
    @Path("/{vendor}/{account}/{limit}")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Team.ADMIN)
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = Change.class),
                            examples = @ExampleObject(name = "permits", value = "{\"permits\":5}")))
    @FailsWith({Kind.MALFORMED_JSON, Kind.NOT_FOUND, Kind.TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE, Kind.INVALID})
    @Operation(
            operationId = "changeLimit",
            summary = "Change a limit until the next start",
            description = "Fields that are left out stay as they are. Permits that were taken stay counted.")
    @CustomDeserialization(StrictBody.class)
    public LimitsView change(String vendor, String account, String limit, @Valid @NotNull Change change) {
        AccountState state = state(vendor, account);
        try {
            Limit current = limit(state, limit).limit();
            Limit changed = change.applied(current);
            budget.change(state.account(), changed);
            if (change.bursts() != null) {
                budget.resumeBursts(state.account(), limit);
            }
            log.did("change-limit", "vendor", vendor, "account", account, "before", current, "after", changed);
        } catch (IllegalArgumentException e) {
            throw new ApiException(Kind.INVALID, String.valueOf(e.getMessage()));
        }
        return one(vendor, account);
    }

    @POST
    @Path("/{vendor}/{account}/{limit}/reset")
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
        AccountState state = state(vendor, account);
        LimitState before = limit(state, limit);
        budget.reset(state.account(), limit);
        LimitState after = limit(state(vendor, account), limit);
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
        return one(vendor, account);
    }

    /** The reason for correcting a limit's count. */
    @Schema(name = "LimitReset")
    public record Reset(
            @NotBlank
            @Size(max = LONGEST_REASON)
            @Schema(
                    required = true,
                    description = "The reason, for the log: no longer than 500 characters",
                    examples = "counted twice after the crash of 12:04, see incident 4711")
            String reason) {}

    /** The change of a limit. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "LimitChange")
    public record Change(
            @Min(1) @Nullable Integer permits,
            @Min(1) @Nullable Long windowMs,

            @Schema(description = "How the vendor counts") @Nullable
            String limiter,

            @Min(1) @Nullable Integer burst,

            @Schema(description = "allowed: resumes bursts that were stopped")
            @Pattern(regexp = "allowed", message = "must be allowed")
            @Nullable
            String bursts) {
        Limit applied(Limit current) {
            if (permits == null && windowMs == null && limiter == null && burst == null && bursts == null) {
                throw new IllegalArgumentException("name what to change: permits, window_ms, limiter, burst or bursts");
            }
            int changedPermits = permits == null ? current.permits() : permits;
            return switch (current) {
                case Limit.Concurrency inFlight -> {
                    if (windowMs != null || limiter != null || burst != null) {
                        throw new IllegalArgumentException(
                                "limit " + inFlight.name() + " counts calls in flight: only its permits can change");
                    }
                    yield new Limit.Concurrency(inFlight.name(), changedPermits);
                }
                case Limit.Rate rate -> {
                    yield rate.changed(
                            changedPermits,
                            windowMs == null ? rate.window() : Duration.ofMillis(windowMs),
                            limiter == null ? rate.limiter() : parse(limiter),
                            burst == null ? OptionalInt.empty() : OptionalInt.of(burst));
                }
            };
        }

        private static Limiter parse(String name) {
            try {
                return Limiter.valueOf(name.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "limiter must be one of "
                                + Stream.of(Limiter.values())
                                        .map(limiter -> limiter.name().toLowerCase(Locale.ROOT))
                                        .toList()
                                + ": " + name,
                        e);
            }
        }
    }

    private static LimitState limit(AccountState state, String limit) {
        return state.limits().stream()
                .filter(candidate -> candidate.limit().name().equals(limit))
                .findFirst()
                .orElseThrow(() -> new ApiException(
                        Kind.NOT_FOUND,
                        state.account() + " has no limit " + limit + "; there are "
                                + state.limits().stream()
                                        .map(each -> each.limit().name())
                                        .toList()));
    }

    private AccountState state(String vendor, String account) {
        AccountId id = AccountPath.of(vendor, account);
        return budget.state(id.toString())
                .orElseThrow(() -> new ApiException(
                        Kind.NOT_FOUND,
                        "there is no account " + id + "; there are "
                                + budget.states().stream()
                                        .map(AccountState::account)
                                        .toList()));
    }

    private LimitsView view(AccountState state) {
        boolean refused = credentials.refused(AccountId.parse(state.account()));
        return LimitsView.of(state, refused, breakers.open(), clock.instant());
    }
}
