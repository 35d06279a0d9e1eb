package io.sluice.sandbox.clari;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxResponse;
import java.util.concurrent.atomic.AtomicLong;

/** Clari's error shapes, which differ by area. The codes are the vendor's, the sentences ours. */
final class ClariErrors {
    static final int ORGANIZATION = 101;

    private static final AtomicLong ERRORS = new AtomicLong();

    private ClariErrors() {}

    /** The error of exports and jobs. */
    static SandboxResponse of(int status, String namespace, String code, String message) {
        return SandboxResponse.json(
                status,
                Json.of(
                        "code", code,
                        "namespace", namespace,
                        "errorId", "err-sandbox-" + ERRORS.incrementAndGet(),
                        "message", message,
                        "orgId", ORGANIZATION));
    }

    /** The error of audit events and opportunities. */
    static SandboxResponse list(int status, String code, String message, String target) {
        return SandboxResponse.json(
                status,
                Json.of(
                        "errors",
                        Json.array(Json.of(
                                "code", code,
                                "message", message,
                                "target", target,
                                "status", status,
                                "details", Json.array()))));
    }

    /** The error of the gateway in front of the vendor. */
    static SandboxResponse edge(int status, String message) {
        return SandboxResponse.json(
                status, Json.of("message", message, "request_id", "req-sandbox-" + ERRORS.incrementAndGet()));
    }

    /** The error of ingest. */
    static SandboxResponse ingest(int status, String message) {
        return SandboxResponse.json(status, Json.of("error", message));
    }
}
