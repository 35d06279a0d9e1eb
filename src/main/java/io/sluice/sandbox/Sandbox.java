package io.sluice.sandbox;

import io.sluice.sandbox.clari.ClariSurface;
import io.sluice.sandbox.clerk.ClerkSurface;
import io.sluice.sandbox.control.ControlRoutes;
import io.sluice.sandbox.customerio.CustomerioVendor;
import io.sluice.sandbox.fathom.FathomSurface;
import io.sluice.sandbox.http.Faults;
import io.sluice.sandbox.http.RequestLog;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.Surface;
import io.sluice.sandbox.http.SurfaceHandler;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.LimitSpec;
import io.sluice.sandbox.limits.Limits;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The composition of the sandbox: all simulated vendors and the sandbox's own API. */
final class Sandbox {
    private final SandboxConfig config;
    private final RandomGenerator random;
    private final Map<String, Vendor> vendors = new LinkedHashMap<>();
    private final Faults faults;
    private final RequestLog requests;

    Sandbox(SandboxConfig config, SandboxClock clock, RandomGenerator random) {
        this.config = config;
        this.random = random;
        this.faults = new Faults(random);
        this.requests = new RequestLog(clock, config.keptRequests());
        for (Vendor vendor : List.of(
                ClariSurface.vendor(config, limits(clock, "clari", ClariSurface.LIMITS), clock),
                ClerkSurface.vendor(config, limits(clock, "clerk", ClerkSurface.limits(config.clerk())), clock),
                CustomerioVendor.vendor(config, limits(clock, "customerio", CustomerioVendor.LIMITS), clock),
                FathomSurface.vendor(config, limits(clock, "fathom", FathomSurface.LIMITS), clock))) {
            vendors.put(vendor.name(), vendor);
        }
        config.limits().keySet().forEach(this::known);
    }

    private void known(String vendor) {
        if (!vendors.containsKey(vendor)) {
            throw new IllegalArgumentException(
                    "sluice.sandbox.limits names no vendor " + vendor + ", there are " + vendors.keySet());
        }
    }

    private Limits limits(SandboxClock clock, String vendor, List<LimitSpec> defaults) {
        Map<String, SandboxConfig.LimitChange> changes = config.limits().getOrDefault(vendor, Map.of());
        for (String name : changes.keySet()) {
            if (defaults.stream().noneMatch(spec -> spec.name().equals(name))) {
                throw new IllegalArgumentException("sluice.sandbox.limits.%s names no limit %s, there are %s"
                        .formatted(
                                vendor,
                                name,
                                defaults.stream().map(LimitSpec::name).toList()));
            }
        }
        return new Limits(
                clock,
                defaults.stream()
                        .map(spec -> changes.containsKey(spec.name()) ? changed(spec, changes.get(spec.name())) : spec)
                        .toList());
    }

    private static LimitSpec changed(LimitSpec spec, SandboxConfig.LimitChange change) {
        int permits = change.permits().orElse(spec.permits());
        Duration window = change.window().orElse(spec.window());
        return new LimitSpec(
                spec.name(),
                change.limiter().orElse(spec.limiter()),
                permits,
                window,
                change.burst().orElse(permits),
                change.phase().orElse(spec.phase()));
    }

    /** Registers every route under {@code /sandbox}. */
    void mount(Router router) {
        for (Vendor vendor : vendors.values()) {
            for (Surface surface : vendor.surfaces()) {
                router.route(surface.mount() + "/*")
                        .handler(new SurfaceHandler(vendor, surface, faults, requests, random, config));
            }
        }
        new ControlRoutes(vendors, faults, requests).mount(router);
    }
}
