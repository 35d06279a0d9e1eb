package io.sluice.team;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** The identity provider that authenticates a caller by its team's key. */
@ApplicationScoped
public class TeamIdentities implements IdentityProvider<TeamKeyRequest> {
    private static final String TEAM = "sluice.team";

    private final Teams teams;

    TeamIdentities(Teams teams) {
        this.teams = teams;
    }

    /** Returns the team behind an identity. */
    public static Team teamOf(SecurityIdentity identity) {
        Team team = identity.getAttribute(TEAM);
        if (team == null) {
            throw new IllegalStateException("the caller is no team: is the resource @Authenticated?");
        }
        return team;
    }

    @Override
    public Class<TeamKeyRequest> getRequestType() {
        return TeamKeyRequest.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(TeamKeyRequest request, AuthenticationRequestContext context) {
        return teams.byKey(request.key())
                .map(team -> Uni.createFrom().item(identity(team)))
                .orElseGet(() -> Uni.createFrom().failure(new AuthenticationFailedException("unknown key")));
    }

    private static SecurityIdentity identity(Team team) {
        QuarkusSecurityIdentity.Builder identity = QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(team.name()))
                .addAttribute(TEAM, team);
        if (team.admin()) {
            identity.addRole(Team.ADMIN);
        }
        return identity.build();
    }
}
