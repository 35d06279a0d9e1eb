package io.sluice.sandbox.control;

import io.sluice.sandbox.http.BodyReader;
import io.sluice.sandbox.http.ControlException;
import io.sluice.sandbox.http.Fault;
import io.sluice.sandbox.http.Faults;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.Payload;
import io.sluice.sandbox.http.Problem;
import io.sluice.sandbox.http.RequestLog;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Sending;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.LimitSpec;
import io.sluice.sandbox.limits.LimiterKind;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The sandbox's own API: faults, limits, settings, reports. Errors are {@code application/problem+json}. */
public final class ControlRoutes {
    private static final int MAX_BODY = 1 << 20;
    private static final List<String> LIMIT_FIELDS = List.of("limiter", "permits", "window_ms", "burst", "phase_ms");

    private final Map<String, Vendor> vendors;
    private final Faults faults;
    private final RequestLog requests;

    public ControlRoutes(Map<String, Vendor> vendors, Faults faults, RequestLog requests) {
        this.vendors = vendors;
        this.faults = faults;
        this.requests = requests;
    }

    public void mount(Router router) {
        on(router, HttpMethod.GET, "/sandbox", (context, body) -> SandboxResponse.json(200, index()));
        on(
                router,
                HttpMethod.POST,
                "/sandbox/faults",
                (context, body) -> SandboxResponse.json(201, addFault(object(body))));
        on(router, HttpMethod.GET, "/sandbox/faults", (context, body) -> SandboxResponse.json(200, faults.json()));
        on(router, HttpMethod.DELETE, "/sandbox/faults", (context, body) -> {
            faults.clear();
            return SandboxResponse.empty(204);
        });
        on(router, HttpMethod.DELETE, "/sandbox/faults/:fault", (context, body) -> {
            faults.remove(parameter(context, "fault"));
            return SandboxResponse.empty(204);
        });
        on(router, HttpMethod.GET, "/sandbox/report", (context, body) -> SandboxResponse.json(200, report()));
        on(
                router,
                HttpMethod.GET,
                "/sandbox/report/:vendor",
                (context, body) -> SandboxResponse.json(200, vendor(context).report()));
        on(
                router,
                HttpMethod.GET,
                "/sandbox/report/:vendor/:part",
                (context, body) -> SandboxResponse.json(200, vendor(context).details(parameter(context, "part"))));
        on(router, HttpMethod.DELETE, "/sandbox/report", (context, body) -> clearCounts());
        on(router, HttpMethod.POST, "/sandbox/reset", (context, body) -> reset());
        on(router, HttpMethod.GET, "/sandbox/limits", (context, body) -> SandboxResponse.json(200, limits()));
        on(
                router,
                HttpMethod.PUT,
                "/sandbox/limits/:vendor/:limit",
                (context, body) -> SandboxResponse.json(
                        200, changeLimit(vendor(context), parameter(context, "limit"), object(body))));
        on(router, HttpMethod.GET, "/sandbox/settings", (context, body) -> SandboxResponse.json(200, settings()));
        on(router, HttpMethod.PUT, "/sandbox/settings/:vendor", (context, body) -> {
            Settings settings = vendor(context).settings();
            settings.change(object(body));
            return SandboxResponse.json(200, settings.json());
        });
        on(
                router,
                HttpMethod.GET,
                "/sandbox/requests",
                (context, body) -> SandboxResponse.json(200, requests(context)));
        router.route("/sandbox/*").handler(context -> send(context, Problem.answer(404, nothingHere(context))));
    }

    private void on(Router router, HttpMethod method, String path, Work work) {
        router.route(method, path).handler(context -> {
            HttpServerRequest request = context.request();
            BodyReader.keeping(MAX_BODY)
                    .read(request)
                    .onSuccess(payload -> send(context, answer(work, context, payload)))
                    .onFailure(context::fail);
        });
    }

    private static SandboxResponse answer(Work work, RoutingContext context, Payload payload) {
        if (payload.tooLarge()) {
            return Problem.answer(
                    413, "the body must not be larger than %d bytes: %d".formatted(MAX_BODY, payload.bytes()));
        }
        try {
            return work.answer(context, payload);
        } catch (ControlException refused) {
            return Problem.answer(refused.status(), String.valueOf(refused.getMessage()));
        } catch (IllegalArgumentException | ClassCastException wrong) {
            return Problem.answer(400, String.valueOf(wrong.getMessage()));
        }
    }

    private static void send(RoutingContext context, SandboxResponse answer) {
        new Sending(context.response(), answer).whole();
    }

    private static String nothingHere(RoutingContext context) {
        return "the sandbox has nothing at %s %s; GET /sandbox lists what there is"
                .formatted(context.request().method(), context.request().path());
    }

    private static JsonObject object(Payload payload) {
        try {
            if (Json.parse(payload.whole()) instanceof JsonObject object) {
                return object;
            }
        } catch (DecodeException broken) {
            throw new ControlException(400, "the body is not JSON: " + broken.getMessage());
        }
        throw new ControlException(400, "the body must be a JSON object");
    }

    /** A variable of the route's path, which is there whenever the route matches. */
    private static String parameter(RoutingContext context, String name) {
        return Objects.requireNonNull(context.pathParam(name), name);
    }

    private Vendor vendor(RoutingContext context) {
        return vendor(parameter(context, "vendor"));
    }

    private Vendor vendor(String name) {
        Vendor vendor = vendors.get(name);
        if (vendor == null) {
            throw new ControlException(404, "no vendor named " + name + ", there are " + vendors.keySet());
        }
        return vendor;
    }

    private JsonObject index() {
        JsonArray mounts = new JsonArray();
        vendors.values().forEach(vendor -> vendor.surfaces().forEach(surface -> mounts.add(surface.mount())));
        return Json.of(
                "mounts",
                mounts,
                "control",
                Json.array(
                        "/sandbox/faults",
                        "/sandbox/report",
                        "/sandbox/limits",
                        "/sandbox/settings",
                        "/sandbox/requests",
                        "/sandbox/reset"));
    }

    private JsonObject addFault(JsonObject asked) {
        Fault fault = Fault.of(asked);
        Set<String> operations = vendor(fault.vendor()).operations();
        if (fault.operation() != null && !operations.contains(fault.operation())) {
            throw new ControlException(
                    400, fault.vendor() + " has no operation " + fault.operation() + ", there are " + operations);
        }
        return faults.add(fault);
    }

    private JsonObject report() {
        JsonObject json = new JsonObject();
        vendors.forEach((name, vendor) -> json.put(name, vendor.report()));
        return Json.of("vendors", json);
    }

    private JsonObject limits() {
        JsonObject json = new JsonObject();
        vendors.forEach((name, vendor) -> json.put(name, vendor.limits().json()));
        return json;
    }

    private JsonObject settings() {
        JsonObject json = new JsonObject();
        vendors.forEach((name, vendor) -> json.put(name, vendor.settings().json()));
        return json;
    }

    private JsonArray requests(RoutingContext context) {
        String name = context.request().getParam("vendor");
        if (name == null) {
            throw new ControlException(400, "name a vendor: ?vendor=, there are " + vendors.keySet());
        }
        return requests.json(vendor(name).name());
    }

    private SandboxResponse clearCounts() {
        vendors.values().forEach(Vendor::clearCounts);
        requests.clear();
        return SandboxResponse.empty(204);
    }

    private SandboxResponse reset() {
        vendors.values().forEach(Vendor::reset);
        faults.clear();
        requests.clear();
        return SandboxResponse.empty(204);
    }

    private static JsonObject changeLimit(Vendor vendor, String name, JsonObject change) {
        for (String field : change.fieldNames()) {
            if (!LIMIT_FIELDS.contains(field)) {
                throw new ControlException(400, "a limit has no field " + field + ", there are " + LIMIT_FIELDS);
            }
        }
        LimitSpec now = vendor.limits().spec(name);
        if (now == null) {
            throw new ControlException(
                    404,
                    "%s has no limit %s, there are %s"
                            .formatted(
                                    vendor.name(), name, vendor.limits().json().fieldNames()));
        }
        int permits = change.getInteger("permits", now.permits());
        vendor.limits()
                .change(new LimitSpec(
                        name,
                        change.containsKey("limiter") ? kind(change.getString("limiter")) : now.limiter(),
                        permits,
                        Duration.ofMillis(
                                change.getLong("window_ms", now.window().toMillis())),
                        change.getInteger("burst", permits),
                        Duration.ofMillis(change.getLong("phase_ms", now.phase().toMillis()))));
        return vendor.limits().json().getJsonObject(name);
    }

    private static LimiterKind kind(String word) {
        for (LimiterKind kind : LimiterKind.values()) {
            if (kind.word().equals(word.toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw new ControlException(400, "no limiter named " + word + ", there are fixed, sliding, counter, bucket");
    }

    /** Handles one request to the sandbox's own API. */
    @FunctionalInterface
    private interface Work {
        SandboxResponse answer(RoutingContext context, Payload payload);
    }
}
