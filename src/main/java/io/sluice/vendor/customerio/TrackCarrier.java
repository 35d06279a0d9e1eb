package io.sluice.vendor.customerio;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.budget.Priority;
import io.sluice.delivery.Carrier;
import io.sluice.delivery.Channel;
import io.sluice.delivery.Fate;
import io.sluice.delivery.Waiting;
import io.sluice.vendor.OwnCalls;
import io.sluice.vendor.Surface;
import io.sluice.vendor.customerio.BatchDelivery.Reasons;
import io.sluice.vendor.customerio.BatchDelivery.Said;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Delivers to the Track API: operations in batches of v2, merges and calls of v1 one by one. */
@Singleton
public class TrackCarrier implements Carrier {
    private static final Fate OUTCOME_UNKNOWN = new Fate.Dead(
            "outcome unknown: it may have been carried out, and must not be twice; look, then replay or delete it");

    private final Surface surface;
    private final OwnCalls calls;
    private final CustomerioConfig config;

    TrackCarrier(Customerio customerio, OwnCalls calls, CustomerioConfig config) {
        this.surface = customerio.surface(TrackDeferrals.CHANNEL);
        this.calls = calls;
        this.config = config;
    }

    @Override
    public String vendor() {
        return Customerio.NAME;
    }

    @Override
    public String channel() {
        return TrackDeferrals.CHANNEL;
    }

    @Override
    public boolean batches(String kind) {
        return kind.equals(TrackDeferrals.ENTITY);
    }

    @Override
    public int maxBatchBytes() {
        return Sizes.BATCH - BatchDelivery.FRAME;
    }

    @Override
    public int overhead() {
        return 1;
    }

    @Override
    public List<Fate> deliver(
            Channel channel, String team, Duration patience, BooleanSupplier ours, List<Waiting> letters)
            throws InterruptedException {
        if (surface.account(channel.account()).isEmpty()) {
            return Collections.nCopies(
                    letters.size(), new Fate.NotNow(patience, false, "the account is no longer configured"));
        }
        OwnCalls.On on = new OwnCalls.On(team, surface, channel.account(), Priority.BULK, patience).whileOurs(ours);
        return switch (letters.getFirst().kind()) {
            case TrackDeferrals.MERGE -> List.of(merge(on, letters.getFirst()));
            case TrackDeferrals.CALL -> List.of(call(on, letters.getFirst()));
            default -> batch(on, channel, letters);
        };
    }

    private List<Fate> batch(OwnCalls.On on, Channel channel, List<Waiting> letters) throws InterruptedException {
        Set<String> passing = Optional.ofNullable(config.accounts().get(channel.account()))
                .map(CustomerioConfig.Account::passingReasons)
                .orElse(Set.of());
        return new BatchDelivery(batch -> Outcomes.of(calls.make(on, "POST", "/api/v2/batch", batch)), passing)
                .deliver(letters.stream().map(Waiting::payload).toList());
    }

    private Fate merge(OwnCalls.On on, Waiting letter) throws InterruptedException {
        if (letter.lost()) {
            return OUTCOME_UNKNOWN;
        }
        byte[] body = letter.payload().getBytes(StandardCharsets.UTF_8);
        Fate fate = alone(Outcomes.of(calls.make(on, "POST", "/api/v2/entity", body)));
        return fate instanceof Fate.Again ? OUTCOME_UNKNOWN : fate;
    }

    private Fate call(OwnCalls.On on, Waiting letter) throws InterruptedException {
        ObjectNode call = Json.ours(letter.payload());
        byte[] body = Json.text(call.path("body")).getBytes(StandardCharsets.UTF_8);
        return alone(Outcomes.of(
                calls.make(on, call.path("method").asText(), call.path("target").asText(), body)));
    }

    private static Fate alone(Said said) {
        return switch (said) {
            case Said.Trouble(Fate fate) -> fate;
            case Said.Answered(int status, String body) ->
                status < 300 ? new Fate.Delivered() : new Fate.Dead(Reasons.of(status, body));
        };
    }
}
