package io.sluice.web;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import io.sluice.AccountId;
import io.sluice.call.CallMeters;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem.Kind;
import io.sluice.webhook.WebhookEvents;
import io.sluice.webhook.Webhooks;
import io.sluice.webhook.Webhooks.Verdict;
import io.sluice.webhook.WebhooksConfig;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.metrics.Tag;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * The HTTP resource that receives vendors' webhooks: {@code /webhooks/VENDOR}, or {@code /webhooks/VENDOR@ACCOUNT}. The
 * sender is authenticated by the signature, so no team's key is needed. A signed request is answered 2xx as soon as its id
 * or its event is on the disk: all else that follows from it happens in memory.
 */
@Path("/webhooks/{place}")
@Singleton
public class WebhookResource {
    private final List<Webhooks> vendors;
    private final WebhookEvents events;
    private final WebhooksConfig config;
    private final CallMeters meters;

    WebhookResource(@All List<Webhooks> vendors, WebhookEvents events, WebhooksConfig config, CallMeters meters) {
        this.vendors = vendors;
        this.events = events;
        this.config = config;
        this.meters = meters;
    }

    /** Registers the counters at start: an alert on refused messages needs them to be there before the first comes. */
    void show(@Observes StartupEvent starting) {
        for (Webhooks vendor : vendors) {
            for (String account : vendor.accounts()) {
                for (Verdict verdict : Verdict.values()) {
                    count(new AccountId(vendor.vendor(), account), verdict, 0);
                }
            }
        }
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @RunOnVirtualThread
    @Operation(hidden = true)
    public Response receive(String place, @Context HttpHeaders headers, byte[] body) {
        int at = place.indexOf('@');
        String account = at < 0 ? "default" : place.substring(at + 1);
        Webhooks vendor = vendors.stream()
                .filter(known -> known.vendor().equals(at < 0 ? place : place.substring(0, at)))
                .filter(known -> known.accounts().contains(account))
                .findFirst()
                .orElseThrow(() -> new ApiException(Kind.NOT_FOUND, "no webhook with a secret is configured here"));
        if (body.length > config.maxBody().asLongValue()) {
            throw new ApiException(
                    Kind.TOO_LARGE,
                    "the body is larger than " + config.maxBody().asLongValue() + " bytes");
        }
        AccountId id = new AccountId(vendor.vendor(), account);
        Webhooks.Reception reception = vendor.receive(account, headers::getHeaderString, body);
        reception.event().ifPresent(event -> events.store(id, event.id(), event.json(), event.retention()));
        Verdict verdict = reception.verdict();
        count(id, verdict, 1);
        return switch (verdict) {
            case DONE, IGNORED, UNREADABLE -> Response.noContent().build();
            case INVALID_SIGNATURE ->
                throw new ApiException(Kind.UNAUTHENTICATED_WEBHOOK, "no signature of the webhook is valid");
            case TIMESTAMP_OUT_OF_TOLERANCE ->
                throw new ApiException(
                        Kind.UNAUTHENTICATED_WEBHOOK, "the webhook's signed timestamp is out of tolerance");
            case DUPLICATE -> throw new ApiException(Kind.CONFLICT, "the webhook is a duplicate");
        };
    }

    private void count(AccountId account, Verdict verdict, int more) {
        meters.counter(
                        "sluice_webhooks",
                        "Webhooks by result",
                        new Tag("vendor", account.vendor()),
                        new Tag("account", account.account()),
                        new Tag("result", verdict.name().toLowerCase(Locale.ROOT)))
                .inc(more);
    }
}
