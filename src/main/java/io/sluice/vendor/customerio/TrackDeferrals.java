package io.sluice.vendor.customerio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.Ulids;
import io.sluice.call.Target;
import io.sluice.delivery.Channel;
import io.sluice.delivery.Deferrals;
import io.sluice.delivery.Letter;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What of the Track API can be made later: operations on a person, single ones of v1 and v2, and batches of v2. All become
 * operations of v2, but for what only v1 can say. What is not JSON is made now, so that Customer.io says what it thinks.
 */
@Singleton
public class TrackDeferrals implements Deferrals {
    static final String CHANNEL = "track";

    /** An operation of v2, which can go in a batch. */
    static final String ENTITY = "entity";

    /** A merge, which goes alone, and only once. */
    static final String MERGE = "merge";

    /** A call of v1 that v2 has no words for, as it was made. */
    static final String CALL = "call";

    private static final Set<String> LATER =
            Set.of("identify", "delete-person", "track", "set-device", "suppress", "batch");
    private static final Set<String> EVENTS = Set.of("event", "page", "screen");

    private final CustomerioConfig config;
    private final Stamp stamp;
    private final ReusedIds reused;

    TrackDeferrals(CustomerioConfig config, Ulids ids, InstantSource clock, ReusedIds reused) {
        this.config = config;
        this.stamp = new Stamp(ids, clock);
        this.reused = reused;
    }

    @Override
    public String mount() {
        return Customerio.NAME + "/" + CHANNEL;
    }

    @Override
    public boolean byDefault(String account) {
        CustomerioConfig.Account configured = config.accounts().get(account);
        return configured != null && configured.async();
    }

    @Override
    public Optional<String> oversize(String method, Target target, long length, byte[] kept) {
        return switch (method + " " + target.path()) {
            case "POST /api/v2/entity" -> Sizes.single(length);
            case "POST /api/v2/batch" -> Sizes.batch(length, kept);
            default -> Optional.empty();
        };
    }

    @Override
    public Deferral defer(Asked call) {
        if (!LATER.contains(call.operation().name()) || !call.target().query().isEmpty()) {
            return new Deferral.Now();
        }
        if (call.body().length == 0 && !call.operation().name().equals("batch")) {
            return version1(call, Json.object());
        }
        return Json.object(call.body())
                .map(body -> call.operation().name().equals("batch") ? version2(call, body) : version1(call, body))
                .orElseGet(Deferral.Now::new);
    }

    private Deferral version2(Asked call, ObjectNode body) {
        boolean whole = call.target().path().endsWith("/entity");
        if (whole) {
            return letters(call, List.of(body));
        }
        List<ObjectNode> operations = new ArrayList<>();
        for (JsonNode operation : body.path("batch")) {
            if (!(operation instanceof ObjectNode object)) {
                return new Deferral.Now();
            }
            operations.add(object);
        }
        return operations.isEmpty() || body.size() != 1 ? new Deferral.Now() : letters(call, operations);
    }

    private Deferral version1(Asked call, ObjectNode body) {
        Optional<List<ObjectNode>> operations =
                TrackOperations.of(call.method(), call.target().names(), body);
        if (operations.isPresent()) {
            Deferral deferral = letters(call, operations.get());
            if (!(deferral instanceof Deferral.TooLarge)) {
                return deferral;
            }
        }
        return alone(call, body);
    }

    private Deferral letters(Asked call, List<ObjectNode> operations) {
        List<Letter> letters = new ArrayList<>();
        for (ObjectNode operation : operations) {
            mark(call.account(), operation);
            String payload = Json.text(operation);
            if (Json.bytes(payload) > Sizes.OPERATION) {
                return new Deferral.TooLarge(
                        "an operation may have " + Sizes.OPERATION + " bytes, this one has " + Json.bytes(payload));
            }
            letters.add(new Letter(
                    Addressees.of(operation).orElseGet(() -> "nobody:" + stamp.id()),
                    Addressees.other(operation),
                    Addressees.merges(operation) ? MERGE : ENTITY,
                    call.operation().name(),
                    payload));
        }
        return new Deferral.Later(new Channel(Customerio.NAME, call.account(), CHANNEL), letters, "{}");
    }

    private void mark(String account, ObjectNode operation) {
        String action = operation.path("action").asText("");
        if (EVENTS.contains(action)) {
            reused.check(account, operation);
            stamp.event(operation);
        } else if (action.equals("identify") && !Json.has(operation.path("attributes"), "_timestamp")) {
            stamp.time(operation);
        }
    }

    /** As a call of v1, in one piece. An event gets its id here too. */
    private Deferral alone(Asked call, ObjectNode body) {
        if (call.operation().name().equals("track")) {
            stamp.event(body);
        } else if (call.operation().name().equals("identify") && !Json.has(body, "_timestamp")) {
            ObjectNode time = Json.object();
            stamp.time(time);
            body.set("_timestamp", time.get("timestamp"));
        }
        List<String> names = call.target().names();
        String addressee = names.size() > 3
                ? Addressees.of(TrackOperations.person(TrackOperations.utf8(names.get(3))))
                        .orElseGet(() -> "nobody:" + stamp.id())
                : Json.name(body, "anonymous_id").map(id -> "anonymous:" + id).orElseGet(() -> "nobody:" + stamp.id());
        ObjectNode payload = Json.object()
                .put("method", call.method())
                .put("target", call.target().toString());
        payload.set("body", body);
        return new Deferral.Later(
                new Channel(Customerio.NAME, call.account(), CHANNEL),
                List.of(new Letter(addressee, CALL, call.operation().name(), Json.text(payload))),
                "{}");
    }
}
