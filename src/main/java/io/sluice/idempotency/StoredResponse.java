package io.sluice.idempotency;

import java.util.Optional;

/**
 * A response as it is stored, to be replayed.
 *
 * @param body its text, empty if it was too long to keep
 * @param unknown true if the request may have been executed although the response does not say so
 */
public record StoredResponse(int status, Optional<String> contentType, String body, boolean unknown) {}
