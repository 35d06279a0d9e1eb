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

/** What of the Pipelines API can be made later: single messages, and batches of them. All go in batches. */
@Singleton
public class PipelinesDeferrals implements Deferrals {
    static final String CHANNEL = "pipelines";
    static final String MESSAGE = "message";

    private static final Set<String> TYPES = Set.of("identify", "track", "page", "screen", "group", "alias");

    private final CustomerioConfig config;
    private final Stamp stamp;

    PipelinesDeferrals(CustomerioConfig config, Ulids ids, InstantSource clock) {
        this.config = config;
        this.stamp = new Stamp(ids, clock);
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
        List<String> path = target.names();
        if (!method.equals("POST") || path.size() != 2) {
            return Optional.empty();
        }
        return path.get(1).equals("batch")
                ? Sizes.batch(length, kept)
                : TYPES.contains(path.get(1)) ? Sizes.single(length) : Optional.empty();
    }

    @Override
    public Deferral defer(Asked call) {
        List<String> path = call.target().names();
        // Who asks for strictness wants to hear what is wrong.
        boolean strict = call.headers().containsKey("X-Strict-Mode");
        if (strict
                || !call.target().query().isEmpty()
                || path.size() != 2
                || !call.method().equals("POST")) {
            return new Deferral.Now();
        }
        String what = path.get(1);
        Optional<ObjectNode> body = Json.object(call.body());
        if (body.isEmpty()) {
            return new Deferral.Now();
        }
        if (what.equals("batch")) {
            return batch(call, body.get());
        }
        return TYPES.contains(what) ? messages(call, List.of(body.get().put("type", what))) : new Deferral.Now();
    }

    private Deferral batch(Asked call, ObjectNode body) {
        List<ObjectNode> messages = new ArrayList<>();
        for (JsonNode message : body.path("batch")) {
            if (!(message instanceof ObjectNode object)) {
                return new Deferral.Now();
            }
            messages.add(object);
        }
        return messages.isEmpty() || body.size() != 1 ? new Deferral.Now() : messages(call, messages);
    }

    private Deferral messages(Asked call, List<ObjectNode> messages) {
        List<Letter> letters = new ArrayList<>();
        for (ObjectNode message : messages) {
            if (who(message).isEmpty()) {
                return new Deferral.Now();
            }
            stamp.message(message);
            String payload = Json.text(message);
            Optional<String> tooLarge = Sizes.single(Json.bytes(payload));
            if (tooLarge.isPresent()) {
                return new Deferral.TooLarge(tooLarge.get());
            }
            Optional<String> other = message.path("type").asText("").equals("alias")
                    ? Json.name(message, "previousId").map(id -> "user:" + id)
                    : Optional.empty();
            letters.add(new Letter(
                    who(message).get(), other, MESSAGE, call.operation().name(), payload));
        }
        return new Deferral.Later(new Channel(Customerio.NAME, call.account(), CHANNEL), letters, "{}");
    }

    private static Optional<String> who(ObjectNode message) {
        return Json.name(message, "userId")
                .map(id -> "user:" + id)
                .or(() -> Json.name(message, "anonymousId").map(id -> "anonymous:" + id));
    }
}
