package io.sluice.team;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;

/** The request to authenticate a team's key. */
final class TeamKeyRequest extends BaseAuthenticationRequest {
    private final String key;

    TeamKeyRequest(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }
}
