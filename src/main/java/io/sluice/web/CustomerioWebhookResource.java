package io.sluice.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.sluice.vendor.customerio.ReportingWebhooks;
import io.sluice.web.Problem.Kind;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Where Customer.io sends its reporting webhooks. It waits four seconds for an answer, and keeps all later ones back behind
 * one that fails: so an event is stored, answered, and nothing else. Who sends proves itself by the signature.
 */
@Path("/webhooks/customerio{account:(@[^/]+)?}")
public class CustomerioWebhookResource {
    private final ReportingWebhooks webhooks;
    private final WebhookEvents events;
    private final ObjectMapper json;

    CustomerioWebhookResource(ReportingWebhooks webhooks, WebhookEvents events, ObjectMapper json) {
        this.webhooks = webhooks;
        this.events = events;
        this.json = json;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @RunOnVirtualThread
    @Operation(hidden = true)
    public Response receive(
            String account,
            @HeaderParam("X-CIO-Timestamp") @Nullable String timestamp,
            @HeaderParam("X-CIO-Signature") @Nullable String signature,
            byte[] body) {
        String name = account.isEmpty() ? "default" : account.substring(1);
        if (!webhooks.expected(name)) {
            throw new ApiException(Kind.NOT_FOUND, "no webhook with a key is configured here");
        }
        if (!webhooks.genuine(name, timestamp, signature, body)) {
            throw new ApiException(Kind.UNAUTHENTICATED, "it is not signed with the account's key, or not lately");
        }
        JsonNode event = read(body);
        String id = event.path("event_id").asText("");
        events.store("customerio", name, id.isEmpty() ? sha256(body) : id, event.toString(), webhooks.kept());
        return Response.ok().build();
    }

    /** What is genuine is kept even if it is no JSON: to refuse it would hold up all that come after it. */
    private JsonNode read(byte[] body) {
        try {
            return json.readTree(body);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(new String(body, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
