package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Predicate;

/** Customer.io's App API, simulated: messages, broadcasts, exports, and reading people. */
final class CustomerioApp extends CustomerioSurface {
    private static final int MOST_PEOPLE_PER_PAGE = 1000;
    private static final int MOST_PEOPLE_PER_READ = 100;
    private static final Charge QUERY = Charge.of("query");

    private final CustomerioPeople people;

    CustomerioApp(SandboxConfig.Customerio config, Settings settings, CustomerioPeople people, SandboxClock clock) {
        super("app", "Bearer " + config.appApiKey(), settings, clock);
        this.people = people;
    }

    void routes(CustomerioMails mails, CustomerioBroadcasts broadcasts, CustomerioExports exports) {
        operations.on("send-email", "POST", "/v1/send/email", mails::email, Charge.of("email"));
        for (String kind : List.of("push", "sms", "in_app", "inbox_message", "whatsapp")) {
            operations.on(
                    "send-" + kind.replace('_', '-'),
                    "POST",
                    "/v1/send/" + kind,
                    call -> mails.other(kind, call),
                    Charge.of("push"));
        }
        String triggers = "/v1/campaigns/{broadcast}/triggers";
        operations
                .on("trigger-broadcast", "POST", triggers, broadcasts::trigger, Charge.of("broadcast"))
                .on("read-trigger", "GET", triggers + "/{trigger}", broadcasts::read, QUERY)
                .on("trigger-errors", "GET", triggers + "/{trigger}/errors", broadcasts::errors, QUERY)
                .on("list-triggers", "GET", "/v1/broadcasts/{broadcast}/triggers", broadcasts::list, QUERY)
                .on("find-people", "GET", "/v1/customers", this::byEmail, QUERY)
                .on("search-people", "POST", "/v1/customers", this::search, QUERY)
                .on("read-people", "POST", "/v1/customers/attributes", this::several, QUERY)
                .on("read-person", "GET", "/v1/customers/{customer}/attributes", this::one, QUERY)
                .on("export-people", "POST", "/v1/exports/customers", call -> exports.create("people", call), QUERY)
                .on(
                        "export-deliveries",
                        "POST",
                        "/v1/exports/deliveries",
                        call -> exports.create("deliveries", call),
                        QUERY)
                .on("list-exports", "GET", "/v1/exports", exports::list, QUERY)
                .on("read-export", "GET", "/v1/exports/{export}", exports::read, QUERY)
                .on(
                        "download-export",
                        "GET",
                        "/v1/exports/{export}/download",
                        call -> exports.link(call, call.base().replace(mount(), CustomerioFiles.MOUNT)),
                        QUERY)
                .big("/v1/sandbox-big", QUERY)
                .otherwise(call -> error(404, "nothing at this path"), QUERY);
    }

    static SandboxResponse error(int status, String detail) {
        return SandboxResponse.json(
                status, Json.of("errors", Json.array(Json.of("detail", detail, "status", Integer.toString(status)))));
    }

    private SandboxResponse byEmail(Call call) {
        String email = call.query("email");
        CustomerioPerson person = email == null ? null : people.find(new CustomerioPeople.Identifier("email", email));
        JsonArray results = new JsonArray();
        if (person != null) {
            results.add(person.identifiers());
        }
        return SandboxResponse.json(200, Json.of("results", results));
    }

    private SandboxResponse search(Call call) {
        JsonObject filter = call.json().getJsonObject("filter");
        if (filter == null) {
            return error(400, "filter must be there");
        }
        Predicate<CustomerioPerson> wanted = CustomerioFilter.of(filter);
        long start = call.queryNumber("start", 0);
        long limit = Math.clamp(call.queryNumber("limit", MOST_PEOPLE_PER_PAGE), 1, MOST_PEOPLE_PER_PAGE);
        List<CustomerioPerson> found = people.all().stream()
                .filter(wanted)
                .skip(start)
                .limit(limit + 1)
                .toList();
        JsonArray identifiers = new JsonArray();
        JsonArray ids = new JsonArray();
        found.stream().limit(limit).forEach(person -> {
            identifiers.add(person.identifiers());
            ids.add(person.id());
        });
        return SandboxResponse.json(
                200,
                Json.of(
                        "identifiers", identifiers,
                        "ids", ids,
                        "next", found.size() > limit ? Long.toString(start + limit) : ""));
    }

    private SandboxResponse several(Call call) {
        JsonArray ids = call.json().getJsonArray("ids", new JsonArray());
        if (ids.isEmpty() || ids.size() > MOST_PEOPLE_PER_READ) {
            return error(400, "from 1 to %d ids".formatted(MOST_PEOPLE_PER_READ));
        }
        JsonArray customers = new JsonArray();
        for (Object id : ids) {
            CustomerioPerson person = people.find(new CustomerioPeople.Identifier("id", String.valueOf(id)));
            if (person != null) {
                customers.add(person.shown());
            }
        }
        return SandboxResponse.json(200, Json.of("customers", customers));
    }

    private SandboxResponse one(Call call) {
        String type = call.query("id_type");
        CustomerioPerson person =
                people.find(new CustomerioPeople.Identifier(type == null ? "id" : type, call.parameter("customer")));
        return person == null
                ? error(404, "no such person")
                : SandboxResponse.json(200, Json.of("customer", person.shown()));
    }

    @Override
    public SandboxResponse malformed(String detail) {
        return error(400, detail);
    }

    @Override
    public SandboxResponse tooLarge() {
        return SandboxResponse.json(413, Json.of("meta", Json.of("error", "the body is too large")));
    }
}
