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
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The policy for asynchronous calls to the Pipelines API: single messages, and batches of them. All go in batches. */
@Singleton
public class PipelinesAsyncPolicy implements AsyncPolicy {
    static final String DESTINATION = "pipelines";
    static final String MESSAGE = "message";

    private static final Set<String> TYPES = Set.of("identify", "track", "page", "screen", "group", "alias");

    private final CustomerioConfig config;
    private final EventDefaults defaults;

    PipelinesAsyncPolicy(CustomerioConfig config, Ulids ids, InstantSource clock) {
        this.config = config;
        this.defaults = new EventDefaults(ids, clock);
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
        List<String> path = target.names();
        if (!method.equals("POST") || path.size() != 2) {
            return Optional.empty();
        }
        return path.get(1).equals("batch")
                ? SizeLimits.batch(length, kept)
                : TYPES.contains(path.get(1)) ? SizeLimits.single(length) : Optional.empty();
    }

    @Override
    public AsyncDecision decide(ReceivedCall call) {
        List<String> path = call.target().names();
        // Strict mode asks for the vendor's own errors.
        boolean strict = call.headers().containsKey("X-Strict-Mode");
        if (strict
                || !call.target().query().isEmpty()
                || path.size() != 2
                || !call.method().equals("POST")) {
            return new AsyncDecision.SendNow();
        }
        String what = path.get(1);
        Optional<ObjectNode> body = CustomerioJson.object(call.body());
        if (body.isEmpty()) {
            return new AsyncDecision.SendNow();
        }
        if (what.equals("batch")) {
            return batch(call, body.get());
        }
        return TYPES.contains(what)
                ? messages(call, List.of(body.get().put("type", what)))
                : new AsyncDecision.SendNow();
    }

    private AsyncDecision batch(ReceivedCall call, ObjectNode body) {
        List<ObjectNode> messages = new ArrayList<>();
        for (JsonNode message : body.path("batch")) {
            if (!(message instanceof ObjectNode object)) {
                return new AsyncDecision.SendNow();
            }
            messages.add(object);
        }
        return messages.isEmpty() || body.size() != 1 ? new AsyncDecision.SendNow() : messages(call, messages);
    }

    private AsyncDecision messages(ReceivedCall call, List<ObjectNode> messages) {
        List<Message> outgoing = new ArrayList<>();
        for (ObjectNode message : messages) {
            if (who(message).isEmpty()) {
                return new AsyncDecision.SendNow();
            }
            defaults.message(message);
            String payload = CustomerioJson.text(message);
            Optional<String> tooLarge = SizeLimits.single(CustomerioJson.bytes(payload));
            if (tooLarge.isPresent()) {
                return new AsyncDecision.Reject(tooLarge.get());
            }
            Optional<String> other = message.path("type").asText("").equals("alias")
                    ? CustomerioJson.name(message, "previousId").map(id -> "user:" + id)
                    : Optional.empty();
            outgoing.add(new Message(
                    who(message).get(),
                    other.orElse(null),
                    MESSAGE,
                    call.operation().name(),
                    payload));
        }
        return new AsyncDecision.Enqueue(
                new Destination(new AccountId(Customerio.NAME, call.account()), DESTINATION), outgoing, "{}");
    }

    private static Optional<String> who(ObjectNode message) {
        return CustomerioJson.name(message, "userId")
                .map(id -> "user:" + id)
                .or(() -> CustomerioJson.name(message, "anonymousId").map(id -> "anonymous:" + id));
    }
}
