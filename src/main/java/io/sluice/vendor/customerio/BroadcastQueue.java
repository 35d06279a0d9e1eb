package io.sluice.vendor.customerio;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.budget.Timer;
import io.sluice.cache.Whole;
import io.sluice.call.Call;
import io.sluice.call.Result;
import io.sluice.call.Target;
import io.sluice.call.VendorAnswer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/**
 * Tells what became of a broadcast's trigger that got no answer. The list of its triggers is read before and after: what
 * has been added, and is nobody else's, is this one. Nothing is ever triggered from here.
 */
@Singleton
public class BroadcastQueue implements BroadcastSettling {
    private final CustomerioAppApi api;
    private final TriggerWatch watch;
    private final CustomerioConfig.Broadcasts config;
    private final Timer timer;

    BroadcastQueue(@RestClient CustomerioAppApi api, TriggerWatch watch, CustomerioConfig config, Timer timer) {
        this.api = api;
        this.watch = watch;
        this.config = config.broadcasts();
        this.timer = timer;
    }

    @Override
    public BroadcastSettling ready(Call write, Reader reader) throws InterruptedException {
        Optional<Set<String>> before = list(write, reader).map(Map::keySet);
        return (settled, result, began, after) -> settle(settled, result, before, after);
    }

    @Override
    public Optional<Whole> settle(Call write, Result result, Instant began, Reader reader) throws InterruptedException {
        return settle(write, result, Optional.empty(), reader);
    }

    private Optional<Whole> settle(Call write, Result result, Optional<Set<String>> before, Reader reader)
            throws InterruptedException {
        return switch (result) {
            case Result.Answered(VendorAnswer answer, boolean unknown)
            when !unknown -> {
                if (answer.status() / 100 == 2) {
                    Json.object(answer.beginning().getBytes(StandardCharsets.UTF_8))
                            .flatMap(Triggers::id)
                            .ifPresent(id -> watch.claim(write, name(write, id)));
                }
                yield Optional.empty();
            }
            case Result.Failed(var _, boolean unknown, var _) when !unknown -> Optional.empty();
            case Result.Shed _ -> Optional.empty();
            case Result.Answered _, Result.Failed _ ->
                before.isEmpty() ? Optional.empty() : search(write, before.get(), reader);
        };
    }

    private Optional<Whole> search(Call write, Set<String> before, Reader reader) throws InterruptedException {
        for (int look = 1; ; look++) {
            Optional<Map<String, Boolean>> now = list(write, reader);
            List<String> added = now.map(Map::keySet).orElse(Set.of()).stream()
                    .filter(id -> !before.contains(id) && !watch.claimed(write, name(write, id)))
                    .toList();
            // Two that nobody claims: either may be this one.
            if (added.size() == 1 && watch.claim(write, name(write, added.getFirst()))) {
                return Optional.of(answer(added.getFirst()));
            }
            if (look == config.looks()) {
                return Optional.empty();
            }
            timer.pause(config.lookEvery());
        }
    }

    /** The broadcast's triggers; those that wait count from now on, whoever made them. */
    private Optional<Map<String, Boolean>> list(Call write, Reader reader) throws InterruptedException {
        String broadcast = write.variables().getOrDefault("broadcast_id", "");
        if (!Triggers.ID.matcher(broadcast).matches()) {
            return Optional.empty();
        }
        Target target = Target.parse("/v1/broadcasts/" + broadcast + "/triggers");
        Optional<Map<String, Boolean>> list = reader.read(Customerio.READ, target, api::read)
                .filter(answer -> answer.status() == 200)
                .flatMap(answer -> Triggers.list(answer.body()));
        list.ifPresent(triggers -> triggers.forEach((id, processed) -> {
            if (!processed) {
                watch.waits(write, name(write, id));
            }
        }));
        return list;
    }

    private static WaitingTriggers.Name name(Call write, String id) {
        return new WaitingTriggers.Name(write.variables().getOrDefault("broadcast_id", ""), id);
    }

    private static Whole answer(String id) {
        var answer = JsonNodeFactory.instance.objectNode();
        byte[] json = (id.chars().allMatch(Character::isDigit) && id.length() < 19
                        ? answer.put("id", Long.parseLong(id))
                        : answer.put("id", id))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON);
        headers.putSingle(HttpHeaders.CONTENT_LENGTH, Integer.toString(json.length));
        headers.putSingle("Sluice-Outcome", "resolved");
        return new Whole(200, headers, json);
    }
}
