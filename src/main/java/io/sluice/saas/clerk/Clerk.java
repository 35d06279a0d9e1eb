package io.sluice.saas.clerk;

import static io.sluice.saas.clerk.ClerkOperations.COUNT_USERS;
import static io.sluice.saas.clerk.ClerkOperations.CREATE_ORGANIZATION;
import static io.sluice.saas.clerk.ClerkOperations.CREATE_USER;
import static io.sluice.saas.clerk.ClerkOperations.DELETE;
import static io.sluice.saas.clerk.ClerkOperations.INVITE;
import static io.sluice.saas.clerk.ClerkOperations.INVITE_MANY;
import static io.sluice.saas.clerk.ClerkOperations.INVITE_MANY_TO_ORGANIZATION;
import static io.sluice.saas.clerk.ClerkOperations.INVITE_TO_ORGANIZATION;
import static io.sluice.saas.clerk.ClerkOperations.JWKS;
import static io.sluice.saas.clerk.ClerkOperations.LIST_USERS;
import static io.sluice.saas.clerk.ClerkOperations.READ;
import static io.sluice.saas.clerk.ClerkOperations.READ_ORGANIZATION;
import static io.sluice.saas.clerk.ClerkOperations.READ_USER;
import static io.sluice.saas.clerk.ClerkOperations.REVOKE_SESSION;
import static io.sluice.saas.clerk.ClerkOperations.SET_USER_STATE;
import static io.sluice.saas.clerk.ClerkOperations.UPDATE_MEMBERSHIP;
import static io.sluice.saas.clerk.ClerkOperations.UPDATE_ORGANIZATION;
import static io.sluice.saas.clerk.ClerkOperations.UPDATE_USER;
import static io.sluice.saas.clerk.ClerkOperations.WRITE;

import io.quarkus.arc.Unremovable;
import io.sluice.budget.window.Limit;
import io.sluice.call.Credential;
import io.sluice.call.Operation;
import io.sluice.saas.Accounts;
import io.sluice.saas.CredentialProbe;
import io.sluice.saas.OperationConfig;
import io.sluice.saas.RateLimitBackstops;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** Clerk, a service for user accounts: its surface, operations, accounts, limits and caching. */
@ApplicationScoped
public class Clerk implements Vendor {
    static final String NAME = "clerk";

    /** All operations, in the order of their definition. */
    static final List<Operation> OPERATIONS = List.of(
            READ,
            READ_USER,
            LIST_USERS,
            COUNT_USERS,
            READ_ORGANIZATION,
            JWKS,
            WRITE,
            CREATE_USER,
            UPDATE_USER,
            SET_USER_STATE,
            DELETE,
            REVOKE_SESSION,
            CREATE_ORGANIZATION,
            UPDATE_ORGANIZATION,
            UPDATE_MEMBERSHIP,
            INVITE,
            INVITE_MANY,
            INVITE_TO_ORGANIZATION,
            INVITE_MANY_TO_ORGANIZATION);

    private final ClerkConfig config;
    private final List<Surface> surfaces;

    Clerk(ClerkConfig config, @RestClient ClerkApi api) {
        Accounts<ClerkConfig.Account> accounts = new Accounts<>(NAME, config.accounts());
        this.config = config;
        // Checked here since vendors are created before the first request, and the list of users only when it is
        // needed.
        ClerkUsers.maxPageBytes(config.listing());
        this.surfaces = List.of(new Surface(
                NAME,
                NAME,
                accounts.at(ClerkConfig.Account::url, account -> Credential.bearer(account.secretKey())),
                routes(
                        api,
                        new ClerkCaching(config.cache(), Set.of(READ_USER, COUNT_USERS, READ_ORGANIZATION)),
                        new ClerkBatching(batching(config), api)),
                new ClerkDialect(),
                new ClerkErrors()));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Surface> surfaces() {
        return surfaces;
    }

    @Override
    public List<CredentialProbe> credentialProbes() {
        return List.of(new CredentialProbe(surfaces.getFirst(), "/v1/users/count"));
    }

    @Override
    public Map<String, OperationConfig> operations() {
        return config.operations();
    }

    @Override
    public Map<String, List<Limit>> limits() {
        return limits(config);
    }

    @Override
    public Map<String, List<Limit>> documentedLimits() {
        return new Accounts<>(NAME, config.accounts()).limits(ClerkLimits::of);
    }

    /** The backstops of the interface. Static, since they are needed before the REST client can be made. */
    @Produces
    @Singleton
    @Unremovable
    static RateLimitBackstops backstops(ClerkConfig config) {
        return new RateLimitBackstops(List.of(ClerkApi.class), OPERATIONS, () -> limits(config));
    }

    static Map<String, List<Limit>> limits(ClerkConfig config) {
        return new Accounts<>(NAME, config.accounts()).limits(ClerkLimits::of, ClerkConfig.Account::limits);
    }

    /** The accounts in which reads are batched. */
    private static Set<String> batching(ClerkConfig config) {
        return config.accounts().entrySet().stream()
                .filter(account -> account.getValue().batching())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static List<Route> routes(ClerkApi api, ClerkCaching caching, ClerkBatching batching) {
        return Stream.of(
                        Route.of("GET", "/v1/jwks", JWKS, api::jwks),
                        Route.of("GET", "/v1/users", LIST_USERS, api::listUsers),
                        caching.counts(Route.of("GET", "/v1/users/count", COUNT_USERS, api::countUsers)),
                        caching.users(Route.of("GET", "/v1/users/{user_id}", READ_USER, api::readUser))
                                .batching(batching),
                        Route.of("POST", "/v1/users", CREATE_USER, api::createUser)
                                .outcomeResolver(ClerkOutcomes.creation(api)),
                        Route.of("PATCH", "/v1/users/{user_id}", UPDATE_USER, api::updateUser),
                        Route.of("PATCH", "/v1/users/{user_id}/metadata", UPDATE_USER, api::updateUser),
                        Route.of("PUT", "/v1/users/{user_id}/metadata", UPDATE_USER, api::updateUser),
                        Route.of("DELETE", "/v1/users/{user_id}", DELETE, api::delete)
                                .outcomeResolver(ClerkOutcomes.deletion()),
                        Route.of("POST", "/v1/users/{user_id}/ban", SET_USER_STATE, api::setUserState),
                        Route.of("POST", "/v1/users/{user_id}/unban", SET_USER_STATE, api::setUserState),
                        Route.of("POST", "/v1/users/{user_id}/lock", SET_USER_STATE, api::setUserState),
                        Route.of("POST", "/v1/users/{user_id}/unlock", SET_USER_STATE, api::setUserState),
                        Route.of("POST", "/v1/sessions/{session_id}/revoke", REVOKE_SESSION, api::revokeSession),
                        Route.of("POST", "/v1/organizations", CREATE_ORGANIZATION, api::createOrganization),
                        caching.organizations(Route.of(
                                "GET",
                                "/v1/organizations/{organization_id}",
                                READ_ORGANIZATION,
                                api::readOrganization)),
                        Route.of(
                                "PATCH",
                                "/v1/organizations/{organization_id}",
                                UPDATE_ORGANIZATION,
                                api::updateOrganization),
                        Route.of(
                                "PATCH",
                                "/v1/organizations/{organization_id}/metadata",
                                UPDATE_ORGANIZATION,
                                api::updateOrganization),
                        Route.of(
                                "PUT",
                                "/v1/organizations/{organization_id}/metadata",
                                UPDATE_ORGANIZATION,
                                api::updateOrganization),
                        Route.of("DELETE", "/v1/organizations/{organization_id}", DELETE, api::delete)
                                .outcomeResolver(ClerkOutcomes.deletion()),
                        Route.of(
                                "PATCH",
                                "/v1/organizations/{organization_id}/memberships/{user_id}",
                                UPDATE_MEMBERSHIP,
                                api::updateMembership),
                        Route.of(
                                "PATCH",
                                "/v1/organizations/{organization_id}/memberships/{user_id}/metadata",
                                UPDATE_MEMBERSHIP,
                                api::updateMembership),
                        Route.of("POST", "/v1/invitations", INVITE, api::invite),
                        Route.of("POST", "/v1/invitations/bulk", INVITE_MANY, api::inviteMany),
                        Route.of(
                                "POST",
                                "/v1/organizations/{organization_id}/invitations",
                                INVITE_TO_ORGANIZATION,
                                api::inviteToOrganization),
                        Route.of(
                                "POST",
                                "/v1/organizations/{organization_id}/invitations/bulk",
                                INVITE_MANY_TO_ORGANIZATION,
                                api::inviteManyToOrganization),
                        Route.anyRead(READ, api::read),
                        Route.any(WRITE, api::write))
                .map(route -> route.invalidation(ClerkCaching::tagsChangedBy))
                .toList();
    }
}
