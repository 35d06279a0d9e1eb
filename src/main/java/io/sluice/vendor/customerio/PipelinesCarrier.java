package io.sluice.vendor.customerio;

import io.sluice.budget.Priority;
import io.sluice.delivery.Carrier;
import io.sluice.delivery.Channel;
import io.sluice.delivery.Fate;
import io.sluice.delivery.Waiting;
import io.sluice.vendor.OwnCalls;
import io.sluice.vendor.Surface;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Delivers to the Pipelines API, in batches. */
@Singleton
public class PipelinesCarrier implements Carrier {
    private final Surface surface;
    private final OwnCalls calls;

    PipelinesCarrier(Customerio customerio, OwnCalls calls) {
        this.surface = customerio.surface(PipelinesDeferrals.CHANNEL);
        this.calls = calls;
    }

    @Override
    public String vendor() {
        return Customerio.NAME;
    }

    @Override
    public String channel() {
        return PipelinesDeferrals.CHANNEL;
    }

    @Override
    public boolean batches(String kind) {
        return true;
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
        return new BatchDelivery(batch -> Outcomes.of(calls.make(on, "POST", "/v1/batch", batch)), Set.of())
                .deliver(letters.stream().map(Waiting::payload).toList());
    }
}
