package io.sluice.saas.clerk;

import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.AccountId;
import io.sluice.budget.Priority;
import io.sluice.call.Call;
import io.sluice.call.TeamShares;
import io.sluice.http.ClientConnection;
import io.sluice.http.RequestIds;
import io.sluice.problem.AccountPath;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The contexts of requests for Clerk's users: who asks, on which account, and how long the calls may wait. */
@Singleton
class ClerkLookupContexts {
    private final ClerkUsers users;
    private final RequestIds ids;
    private final TeamShares shares;
    private final SecurityIdentity caller;

    ClerkLookupContexts(ClerkUsers users, RequestIds ids, TeamShares shares, SecurityIdentity caller) {
        this.users = users;
        this.ids = ids;
        this.shares = shares;
        this.caller = caller;
    }

    /**
     * Returns the context of a caller's request; its calls are abandoned when the caller leaves.
     *
     * @param account the account's name; null for the default one
     * @throws ApiException if the caller may not read users, or if there is no such account
     */
    ClerkUsers.LookupContext of(RoutingContext routing, @Nullable String account, Priority priority, Duration maxWait) {
        Team team = TeamIdentities.teamOf(caller);
        if (!team.may(Clerk.NAME, ClerkUsers.operation(), true)) {
            throw new ApiException(
                    Kind.FORBIDDEN,
                    "team " + team.name() + " may not call " + Clerk.NAME + ":" + ClerkUsers.operation());
        }
        String name = account == null ? "default" : account;
        AccountId id = AccountPath.of(Clerk.NAME, name);
        if (!users.accounts().contains(name)) {
            throw new ApiException(
                    Kind.NOT_FOUND,
                    "there is no account " + id + "; there are "
                            + users.accounts().stream().sorted().toList());
        }
        AtomicReference<@Nullable Call> current = new AtomicReference<>();
        CompletableFuture<Void> disconnected = ClientConnection.disconnected(routing);
        ClientConnection.watch(routing, () -> {
            Call call = current.get();
            if (call != null) {
                call.abandon();
            }
        });
        return new ClerkUsers.LookupContext(
                name,
                routing.request().getHeader("Clerk-API-Version"),
                shares.of(team.name()),
                priority,
                maxWait,
                ids.of(routing),
                call -> {
                    current.set(call);
                    if (disconnected.isDone()) {
                        call.abandon();
                    }
                });
    }
}
