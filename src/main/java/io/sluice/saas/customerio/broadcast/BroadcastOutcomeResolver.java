package io.sluice.saas.customerio.broadcast;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.budget.Timer;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.Result;
import io.sluice.call.Target;
import io.sluice.call.VendorResponse;
import io.sluice.reconcile.CreatedResourceClaims;
import io.sluice.reconcile.OutcomeResolver;
import io.sluice.reconcile.ResolvedResponse;
import io.sluice.saas.customerio.Customerio;
import io.sluice.saas.customerio.CustomerioAppApi;
import io.sluice.saas.customerio.CustomerioAppSurface;
import io.sluice.saas.customerio.CustomerioConfig;
import io.sluice.saas.customerio.CustomerioJson;
import io.smallrye.common.annotation.Identifier;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jspecify.annotations.Nullable;

/**
 * The resolver of unknown outcomes of broadcast triggers: the list of the broadcast's triggers is read before and after
 * the call, and if as many have been added as may have been made, this one was executed. Never triggers a broadcast
 * itself.
 */
@Singleton
@Identifier(Customerio.BROADCASTS)
public class BroadcastOutcomeResolver implements OutcomeResolver {
    private final CustomerioAppApi api;
    private final BroadcastQueueMonitor monitor;
    private final CreatedResourceClaims claims;
    private final CustomerioConfig.Broadcasts config;
    private final InstantSource clock;
    private final Timer timer;

    BroadcastOutcomeResolver(
            @RestClient CustomerioAppApi api,
            BroadcastQueueMonitor monitor,
            CreatedResourceClaims claims,
            CustomerioConfig config,
            InstantSource clock,
            Timer timer) {
        this.api = api;
        this.monitor = monitor;
        this.claims = claims;
        this.clock = clock;
        this.config = config.broadcasts();
        this.timer = timer;
    }

    @Override
    public OutcomeResolver prepare(Call write, Reader reader) throws InterruptedException {
        // Before the list is read: every later reader of the list then takes into account that one more trigger may
        // appear.
        boolean begun = begin(write);
        Set<String> before = read(write, reader).map(Map::keySet).orElse(null);
        return begun ? new Begun(before) : this;
    }

    /** Records the outcome of a trigger for which {@link #prepare} could not record a claim. */
    @Override
    public Optional<BufferedResponse> resolve(Call write, Result result, Instant began, Reader reader) {
        if (!known(write, result)) {
            begin(write);
        }
        return Optional.empty();
    }

    private boolean begin(Call write) {
        return claims.begin(list(write), write.id(), until());
    }

    private Instant until() {
        return clock.instant().plus(config.claimRetention());
    }

    /** Records the outcome of a trigger if the result shows it; false if the list must be read. */
    private boolean known(Call write, Result result) {
        Optional<String> made = made(result);
        if (made.isPresent()) {
            monitor.addPending(write, name(write, made.get()));
            claims.made(list(write), write.id(), made.get(), until());
            return true;
        }
        if (undone(result)) {
            claims.abort(write.id());
            return true;
        }
        return false;
    }

    /** The resolver of one trigger whose claim is recorded. */
    private final class Begun implements OutcomeResolver {
        private final @Nullable Set<String> before;

        /** @param before the triggers that there were; null if they are unknown */
        Begun(@Nullable Set<String> before) {
            this.before = before;
        }

        @Override
        public Optional<BufferedResponse> resolve(Call write, Result result, Instant began, Reader reader)
                throws InterruptedException {
            return known(write, result) || before == null
                    ? Optional.empty()
                    : search(write, before, reader).map(BroadcastOutcomeResolver::answer);
        }

        @Override
        public void abandoned(Call write) {
            claims.abort(write.id());
        }
    }

    private Optional<String> search(Call write, Set<String> before, Reader reader) throws InterruptedException {
        for (int look = 1; ; look++) {
            Set<String> added =
                    new HashSet<>(read(write, reader).map(Map::keySet).orElse(Set.of()));
            added.removeAll(before);
            Optional<String> claimed = claims.claim(list(write), write.id(), added);
            if (claimed.isPresent()) {
                return claimed;
            }
            if (look == config.lookupAttempts()) {
                claims.lost(list(write), write.id());
                return Optional.empty();
            }
            timer.pause(config.lookupInterval());
        }
    }

    /** The id of the trigger in the response, if there is one. */
    private static Optional<String> made(Result result) {
        return result instanceof Result.Answered(VendorResponse answer, boolean unknown)
                        && !unknown
                        && answer.status() / 100 == 2
                ? CustomerioJson.object(answer.beginning().getBytes(StandardCharsets.UTF_8))
                        .flatMap(TriggerJson::id)
                : Optional.empty();
    }

    private static boolean undone(Result result) {
        return !result.unknown()
                && !(result instanceof Result.Answered answered
                        && answered.answer().status() / 100 == 2);
    }

    /** The broadcast's triggers; pending ones count from now on, triggered by us or by others. */
    private Optional<Map<String, Boolean>> read(Call write, Reader reader) throws InterruptedException {
        String broadcast = write.request().variables().getOrDefault("broadcast_id", "");
        if (!TriggerJson.ID.matcher(broadcast).matches()) {
            return Optional.empty();
        }
        Target target = Target.parse("/v1/broadcasts/" + broadcast + "/triggers");
        Optional<Map<String, Boolean>> list = reader.read(CustomerioAppSurface.READ, target, api::read)
                .filter(answer -> answer.status() == 200)
                .flatMap(answer -> TriggerJson.list(answer.body()));
        list.ifPresent(triggers -> triggers.forEach((id, processed) -> {
            if (!processed) {
                monitor.addPending(write, name(write, id));
            }
        }));
        return list;
    }

    private static String list(Call write) {
        return write.account().budget() + " broadcast "
                + write.request().variables().getOrDefault("broadcast_id", "");
    }

    private static PendingTriggers.TriggerId name(Call write, String id) {
        return new PendingTriggers.TriggerId(write.request().variables().getOrDefault("broadcast_id", ""), id);
    }

    private static BufferedResponse answer(String id) {
        var answer = JsonNodeFactory.instance.objectNode();
        byte[] json = (id.chars().allMatch(Character::isDigit) && id.length() < 19
                        ? answer.put("id", Long.parseLong(id))
                        : answer.put("id", id))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        return ResolvedResponse.of(MediaType.APPLICATION_JSON, json);
    }
}
