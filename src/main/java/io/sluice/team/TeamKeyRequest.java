package io.sluice.team;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;

/** Asks whose key this is. */
final class TeamKeyRequest extends BaseAuthenticationRequest {
    private final String key;

    TeamKeyRequest(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }
}
