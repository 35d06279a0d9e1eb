package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.call.Target;
import io.sluice.delivery.AsyncPolicy;
import io.sluice.delivery.Destination;
import io.sluice.delivery.Message;
import io.sluice.saas.customerio.Customerio;
import io.sluice.saas.customerio.CustomerioConfig;
import io.sluice.saas.customerio.CustomerioJson;
import io.sluice.saas.customerio.TrackOperations;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The policy for asynchronous calls to the Track API: operations on a person, single ones of v1 and v2, and batches of
 * v2. All become operations of v2, except those that only v1 can express. A call that is not JSON is sent now, so that
 * Customer.io reports its error itself.
 */
@Singleton
public class TrackAsyncPolicy implements AsyncPolicy {
    static final String DESTINATION = "track";

    /** An operation of v2, which can go in a batch. */
    static final String ENTITY = "entity";

    /** A merge, which goes alone, and only once. */
    static final String MERGE = "merge";

    /** A call of v1 that v2 cannot express, as it was received. */
    static final String CALL = "call";

    private static final Set<String> DEFERRABLE =
            Set.of("identify", "delete-person", "track", "set-device", "suppress", "batch");
    private static final Set<String> EVENTS = Set.of("event", "page", "screen");

    private final CustomerioConfig config;
    private final EventDefaults defaults;
    private final DuplicateEventIdWarning duplicateIds;

    TrackAsyncPolicy(CustomerioConfig config, Ulids ids, InstantSource clock, DuplicateEventIdWarning duplicateIds) {
        this.config = config;
        this.defaults = new EventDefaults(ids, clock);
        this.duplicateIds = duplicateIds;
    }

    @Override
    public String mount() {
        return Customerio.NAME + "/" + DESTINATION;
    }

    @Override
    public boolean isAsyncByDefault(String account) {
        CustomerioConfig.Account configured = config.accounts().get(account);
        return configured != null && configured.async();
    }

    @Override
    public Optional<String> oversize(String method, Target target, long length, byte[] kept) {
        return switch (method + " " + target.path()) {
            case "POST /api/v2/entity" -> SizeLimits.single(length);
            case "POST /api/v2/batch" -> SizeLimits.batch(length, kept);
            default -> Optional.empty();
        };
    }

    @Override
    public AsyncDecision decide(ReceivedCall call) {
        if (!DEFERRABLE.contains(call.operation().name())
                || !call.target().query().isEmpty()) {
            return new AsyncDecision.SendNow();
        }
        if (call.body().length == 0 && !call.operation().name().equals("batch")) {
            return version1(call, CustomerioJson.object());
        }
        return CustomerioJson.object(call.body())
                .map(body -> call.operation().name().equals("batch") ? version2(call, body) : version1(call, body))
                .orElseGet(AsyncDecision.SendNow::new);
    }

    private AsyncDecision version2(ReceivedCall call, ObjectNode body) {
        boolean whole = call.target().path().endsWith("/entity");
        if (whole) {
            return messages(call, List.of(body));
        }
        List<ObjectNode> operations = new ArrayList<>();
        for (JsonNode operation : body.path("batch")) {
            if (!(operation instanceof ObjectNode object)) {
                return new AsyncDecision.SendNow();
            }
            operations.add(object);
        }
        return operations.isEmpty() || body.size() != 1 ? new AsyncDecision.SendNow() : messages(call, operations);
    }

    private AsyncDecision version1(ReceivedCall call, ObjectNode body) {
        Optional<List<ObjectNode>> operations =
                TrackOperations.of(call.method(), call.target().names(), body);
        if (operations.isPresent()) {
            AsyncDecision decision = messages(call, operations.get());
            if (!(decision instanceof AsyncDecision.Reject)) {
                return decision;
            }
        }
        return alone(call, body);
    }

    private AsyncDecision messages(ReceivedCall call, List<ObjectNode> operations) {
        List<Message> messages = new ArrayList<>();
        for (ObjectNode operation : operations) {
            mark(call.account(), operation);
            String payload = CustomerioJson.text(operation);
            if (CustomerioJson.bytes(payload) > SizeLimits.OPERATION) {
                return new AsyncDecision.Reject("an operation may have " + SizeLimits.OPERATION
                        + " bytes, this one has " + CustomerioJson.bytes(payload));
            }
            messages.add(new Message(
                    TrackOrderingKeys.of(operation).orElseGet(() -> "unordered:" + defaults.id()),
                    TrackOrderingKeys.second(operation).orElse(null),
                    TrackOrderingKeys.merges(operation) ? MERGE : ENTITY,
                    call.operation().name(),
                    payload));
        }
        return new AsyncDecision.Enqueue(
                new Destination(new AccountId(Customerio.NAME, call.account()), DESTINATION), messages, "{}");
    }

    private void mark(String account, ObjectNode operation) {
        String action = operation.path("action").asText("");
        if (EVENTS.contains(action)) {
            duplicateIds.check(account, operation);
            defaults.event(operation);
        } else if (action.equals("identify") && !CustomerioJson.has(operation.path("attributes"), "_timestamp")) {
            defaults.time(operation);
        }
    }

    /** The decision for a call of v1 in one piece. An event gets its id here too. */
    private AsyncDecision alone(ReceivedCall call, ObjectNode body) {
        if (call.operation().name().equals("track")) {
            defaults.event(body);
        } else if (call.operation().name().equals("identify") && !CustomerioJson.has(body, "_timestamp")) {
            ObjectNode time = CustomerioJson.object();
            defaults.time(time);
            body.set("_timestamp", time.get("timestamp"));
        }
        List<String> names = call.target().names();
        String orderingKey = names.size() > 3
                ? TrackOrderingKeys.of(TrackOperations.person(TrackOperations.utf8(names.get(3))))
                        .orElseGet(() -> "unordered:" + defaults.id())
                : CustomerioJson.name(body, "anonymous_id")
                        .map(id -> "anonymous:" + id)
                        .orElseGet(() -> "unordered:" + defaults.id());
        ObjectNode payload = CustomerioJson.object()
                .put("method", call.method())
                .put("target", call.target().toString());
        payload.set("body", body);
        return new AsyncDecision.Enqueue(
                new Destination(new AccountId(Customerio.NAME, call.account()), DESTINATION),
                List.of(new Message(orderingKey, CALL, call.operation().name(), CustomerioJson.text(payload))),
                "{}");
    }
}
