package io.sluice.saas;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.Ulids;
import io.sluice.budget.TeamShare;
import io.sluice.budget.Ticker;
import io.sluice.call.Sender;
import io.sluice.export.job.ExportsConfig;
import java.time.Instant;
import java.util.SplittableRandom;

/** The calls of exporters, made through a sender that a test plays. */
public final class PlayedExportCalls {
    private PlayedExportCalls() {}

    /** Calls that reach no vendor but the sender. */
    public static ExportCalls of(Sender sender, ExportsConfig config, Ticker ticker) {
        VendorClient client = new VendorClient(
                sender,
                team -> new TeamShare(team, 1, 10),
                ticker,
                new Ulids(() -> Instant.EPOCH, new SplittableRandom(1)));
        return new ExportCalls(client, new ObjectMapper(), config, () -> Instant.EPOCH);
    }
}
