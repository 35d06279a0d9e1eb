package io.sluice.sandbox.http;

import io.vertx.core.json.JsonObject;

/** The sandbox's own errors (RFC 9457), as distinct from those of a vendor. */
public final class Problem {
    private Problem() {}

    public static SandboxResponse answer(int status, String detail) {
        JsonObject json = Json.of("type", "about:blank", "title", title(status), "status", status, "detail", detail);
        return SandboxResponse.of(status, "application/problem+json", json.toBuffer());
    }

    private static String title(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 409 -> "Conflict";
            case 413 -> "Content Too Large";
            case 507 -> "Sandbox Full";
            default -> "Error";
        };
    }
}
