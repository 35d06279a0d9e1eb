package io.sluice.gateway;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import io.sluice.call.CallMeters;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.saas.Vendor;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.metrics.Tag;

/**
 * The counters of requests that are denied by authentication or authorization, which the access log shows
 * too. Thread-safe.
 */
@Singleton
public class Denials {
    /** The vendor tag of Sluice's own API. */
    private static final String OWN_API = "none";

    private final CallMeters meters;

    Denials(CallMeters meters) {
        this.meters = meters;
    }

    /** The reason of a denial. */
    public enum Reason {
        /** 401: no valid key. */
        UNAUTHENTICATED,
        /** 403: the caller's team may not do this. */
        FORBIDDEN
    }

    /** Registers the counters at start: an alert needs them to be there before the first denial. */
    void show(@Observes StartupEvent starting, @All List<Vendor> vendors) {
        for (Reason reason : Reason.values()) {
            count(OWN_API, reason, 0);
            vendors.forEach(vendor -> count(vendor.name(), reason, 0));
        }
    }

    /** Records that a request is denied. */
    public void denied(RoutingContext routing, Reason reason) {
        LoggedRequest.of(routing).ifPresent(LoggedRequest::denied);
        MountMatch mounted = MountFilter.mounted(routing);
        count(mounted == null ? OWN_API : mounted.surface().vendor(), reason, 1);
    }

    private void count(String vendor, Reason reason, int more) {
        meters.counter(
                        "sluice_denied",
                        "Requests denied by authentication or authorization",
                        new Tag("vendor", vendor),
                        new Tag("reason", reason.name().toLowerCase(Locale.ROOT)))
                .inc(more);
    }
}
